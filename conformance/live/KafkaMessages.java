import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/**
 * Reads messages with Apache Kafka's own classes and writes them again.
 *
 * <p>Each line of the file named has three words: "request:3", "response:3" or the name of a class of
 * org.apache.kafka.common.message; the version; the message in hex, or "-" if it is empty. Each answer is a line: what
 * was written, "unknown" where this release has no such message or version, or what went wrong.
 */
public class KafkaMessages {
    public static void main(String[] arguments) throws IOException {
        var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), 1 << 16);
        try (BufferedReader lines = Files.newBufferedReader(Path.of(arguments[0]))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ");
                out.write(answer(words[0], Short.parseShort(words[1]), words[2]));
                out.newLine();
            }
        }
        out.flush();
    }

    private static String answer(String what, short version, String hex) {
        Message message;
        try {
            message = create(what);
        } catch (ReflectiveOperationException | UnsupportedVersionException absent) {
            return "unknown";
        }
        if (version < message.lowestSupportedVersion() || version > message.highestSupportedVersion()) {
            return "unknown";
        }
        try {
            var in = ByteBuffer.wrap(hex.equals("-") ? new byte[0] : HexFormat.of().parseHex(hex));
            message.read(new ByteBufferAccessor(in), version);
            if (in.hasRemaining()) {
                return "error: " + in.remaining() + " bytes left";
            }
            var cache = new ObjectSerializationCache();
            var out = ByteBuffer.allocate(message.size(cache, version));
            message.write(new ByteBufferAccessor(out), cache, version);
            if (out.hasRemaining()) {
                return "error: said to be " + out.remaining() + " bytes longer";
            }
            return out.position() == 0 ? "-" : HexFormat.of().formatHex(out.array());
        } catch (RuntimeException error) {
            return "error: " + error.toString().replace('\n', ' ');
        }
    }

    private static Message create(String what) throws ReflectiveOperationException {
        int colon = what.indexOf(':');
        if (colon < 0) {
            Class<?> type = Class.forName("org.apache.kafka.common.message." + what);
            return (Message) type.getDeclaredConstructor().newInstance();
        }
        ApiMessageType api = ApiMessageType.fromApiKey(Short.parseShort(what.substring(colon + 1)));
        return what.startsWith("request") ? api.newRequest() : api.newResponse();
    }
}
