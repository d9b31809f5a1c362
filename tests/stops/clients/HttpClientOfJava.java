// Java's HttpClient over HTTP/1.1, which keeps its connections in a pool that all threads share.

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

public class HttpClientOfJava {
    static volatile boolean over;

    public static void main(String[] arguments) throws IOException {
        HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        for (int thread = 0; thread < Integer.parseInt(System.getenv("THREADS")); thread++) {
            int number = thread;
            new Thread(() -> write(client, System.getenv("NAME") + "-" + number)).start();
        }
        System.in.readAllBytes();
        over = true;
    }

    static void write(HttpClient client, String writer) {
        for (int count = 0; !over; count++) {
            String name = writer + "-" + count;
            String links = System.getenv("RELEASES") + "/" + writer + "-" + count / 1000 + "/assets/links";
            String body = "{\"name\":\"" + name + "\",\"url\":\"https://files.example.com/" + name + "\"}";
            HttpRequest request = HttpRequest.newBuilder(URI.create(links)).POST(HttpRequest.BodyPublishers.ofString(body))
                .header("Authorization", "Bearer " + System.getenv("TOKEN")).header("Content-Type", "application/json").build();
            try {
                System.out.println(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() + " " + name);
            } catch (Exception failure) {
                System.out.println(failure + " " + name);
            }
        }
    }
}
