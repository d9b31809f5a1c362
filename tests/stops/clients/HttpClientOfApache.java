// Apache's HttpClient 5, which keeps up to five connections in its pool, without its own second attempts.

import java.io.IOException;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.http.io.entity.StringEntity;

public class HttpClientOfApache {
    static volatile boolean over;

    public static void main(String[] arguments) throws IOException {
        CloseableHttpClient client = HttpClients.custom().disableAutomaticRetries().build();
        for (int thread = 0; thread < Integer.parseInt(System.getenv("THREADS")); thread++) {
            int number = thread;
            new Thread(() -> write(client, System.getenv("NAME") + "-" + number)).start();
        }
        System.in.readAllBytes();
        over = true;
    }

    static void write(CloseableHttpClient client, String writer) {
        for (int count = 0; !over; count++) {
            String name = writer + "-" + count;
            HttpPost request = new HttpPost(System.getenv("RELEASES") + "/" + writer + "-" + count / 1000 + "/assets/links");
            request.setHeader("Authorization", "Bearer " + System.getenv("TOKEN"));
            String body = "{\"name\":\"" + name + "\",\"url\":\"https://files.example.com/" + name + "\"}";
            request.setEntity(new StringEntity(body, ContentType.APPLICATION_JSON));
            try {
                int status = client.execute(request, answer -> {
                    EntityUtils.consume(answer.getEntity());
                    return answer.getCode();
                });
                System.out.println(status + " " + name);
            } catch (Exception failure) {
                System.out.println(failure + " " + name);
            }
        }
    }
}
