// Mixed requests from several threads, and writes after pauses around the five seconds that many programs keep a connection:
// none may be lost. HttpClient offers an upgrade to HTTP/2 with its first requests, unless told to speak HTTP/1.1.

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import java.util.regex.Pattern;

public class Requests {
    static final String URL = System.getenv("URL");
    static final String TOKEN = System.getenv("TOKEN");
    static final String RELEASES = URL + "/api/v4/projects/" + System.getenv("PROJECT_ID") + "/releases";
    static final String WEB = URL + "/" + System.getenv("PROJECT_PATH") + "/-/releases/";
    static final Pattern ID = Pattern.compile("\\{\"id\":(\\d+)");

    record Answer(int status, String body) {}

    /** One of Java's ways to send a request. */
    interface Sender {
        Answer send(String method, String address, String body) throws Exception;
    }

    static Sender httpClient(HttpClient.Version version) {
        HttpClient client = HttpClient.newBuilder().version(version).build();
        return (method, address, body) -> {
            var publisher = body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body);
            var request = HttpRequest.newBuilder(URI.create(address)).method(method, publisher)
                .header("Authorization", "Bearer " + TOKEN).header("Content-Type", "application/json").build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(answer.statusCode(), answer.body());
        };
    }

    static Answer urlConnection(String method, String address, String body) throws IOException {
        var connection = (HttpURLConnection) URI.create(address).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setInstanceFollowRedirects(false);
        connection.setRequestProperty("Authorization", "Bearer " + TOKEN);
        connection.setRequestProperty("Content-Type", "application/json");
        if (body != null) {
            connection.setDoOutput(true);
            try (var out = connection.getOutputStream()) {
                out.write(body.getBytes(StandardCharsets.UTF_8));
            }
        }
        int status = connection.getResponseCode();
        try (var in = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            return new Answer(status, in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    static String expect(int status, Answer answer) {
        if (answer.status() != status) {
            throw new IllegalStateException("expected " + status + ", got " + answer);
        }
        return answer.body();
    }

    /** A link's whole life, over and over; every other link stays. */
    static Void mixed(Sender sender, String tag, int cycles) throws Exception {
        expect(201, sender.send("POST", RELEASES, "{\"tag_name\":\"" + tag + "\"}"));
        String links = RELEASES + "/" + tag + "/assets/links";
        for (int number = 0; number < cycles; number++) {
            String path = String.format("/bin/%04d", number);
            String url = "https://downloads.example.com/" + number;
            String link = "{\"name\":\"" + number + "\",\"url\":\"" + url + "\",\"direct_asset_path\":\"" + path + "\"}";
            var id = ID.matcher(expect(201, sender.send("POST", links, link)));
            id.find();
            String one = links + "/" + id.group(1);
            expect(200, sender.send("GET", one, null));
            expect(200, sender.send("PUT", one, "{\"name\":\"renamed-" + number + "\"}"));
            expect(200, sender.send("GET", links + "?per_page=1", null));
            expect(200, sender.send("HEAD", links, null));
            expect(302, sender.send("GET", WEB + tag + "/downloads" + path, null));
            if (number % 2 == 1) {
                expect(200, sender.send("DELETE", one, null));
            }
        }
        return null;
    }

    /** Writes with pauses between them, each worker at another moment than the others. */
    static Void idle(Sender sender, String tag, int number) throws Exception {
        Thread.sleep(30 * number);
        String description = "{\"description\":\"" + tag + "\"}";
        for (int pause : new int[] {4400, 4600, 4800, 5000, 5100}) {
            expect(200, sender.send("PUT", RELEASES + "/" + tag, description));
            Thread.sleep(pause);
        }
        expect(200, sender.send("PUT", RELEASES + "/" + tag, description));
        return null;
    }

    /** Prints how the step went: ok, or how many workers failed, and the first reason. */
    static void report(String step, List<Future<Void>> workers) throws InterruptedException {
        List<String> reasons = new ArrayList<>();
        for (var worker : workers) {
            try {
                worker.get();
            } catch (ExecutionException failure) {
                reasons.add(String.valueOf(failure.getCause()));
            }
        }
        String outcome = reasons.isEmpty() ? "ok" : "FAILED: " + reasons.size() + " workers, the first: " + reasons.get(0);
        System.out.println("step " + step + " " + outcome.replaceAll("\\s+", " "));
    }

    static List<Future<Void>> start(ExecutorService threads, int count, IntFunction<Callable<Void>> worker) {
        List<Future<Void>> started = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            started.add(threads.submit(worker.apply(number)));
        }
        return started;
    }

    public static void main(String[] arguments) throws Exception {
        int workers = Integer.parseInt(arguments[0]);
        int cycles = Integer.parseInt(arguments[1]);
        int idleWorkers = Integer.parseInt(arguments[2]);
        Map<String, Sender> kinds = new LinkedHashMap<>();
        kinds.put("h2c", httpClient(HttpClient.Version.HTTP_2));
        kinds.put("http1", httpClient(HttpClient.Version.HTTP_1_1));
        kinds.put("urlconnection", Requests::urlConnection);
        ExecutorService threads = Executors.newCachedThreadPool();
        for (var kind : kinds.entrySet()) {
            report("mixed-" + kind.getKey(), start(threads, workers, number ->
                () -> mixed(kind.getValue(), kind.getKey() + "-" + number, cycles)));
        }
        Map<String, List<Future<Void>>> waiting = new LinkedHashMap<>();
        for (var kind : kinds.entrySet()) {
            waiting.put("idle-" + kind.getKey(), start(threads, idleWorkers, number ->
                () -> idle(kind.getValue(), kind.getKey() + "-" + number % workers, number)));
        }
        for (var step : waiting.entrySet()) {
            report(step.getKey(), step.getValue());
        }
        System.exit(0);
    }
}
