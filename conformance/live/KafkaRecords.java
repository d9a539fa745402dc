import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.StringJoiner;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.Utils;

/**
 * Writes and reads records with Apache Kafka's own MemoryRecords.
 *
 * <p>Each line of the file named is "write FORMAT CODEC APPENDED RECORD...", with the log's own time or "-", answered by
 * the records in hex; or "read HEX", answered by "FORMAT CODEC RECORD..." of all batches. What goes wrong is answered by
 * "error" and why. A record is OFFSET,TIMESTAMP,KEY,VALUE and ",NAME=VALUE" for each header, all bytes in hex and "-"
 * for null.
 */
public class KafkaRecords {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] arguments) throws IOException {
        var out = new BufferedWriter(new OutputStreamWriter(System.out, StandardCharsets.UTF_8), 1 << 16);
        try (BufferedReader lines = Files.newBufferedReader(Path.of(arguments[0]))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String[] words = line.split(" ");
                try {
                    out.write(words[0].equals("write") ? write(words) : read(HEX.parseHex(words[1])));
                } catch (RuntimeException error) {
                    out.write("error: " + error.toString().replace('\n', ' '));
                }
                out.newLine();
            }
        }
        out.flush();
    }

    private static String write(String[] words) {
        var format = Byte.parseByte(words[1]);
        boolean stamped = !words[3].equals("-");
        long appended = stamped ? Long.parseLong(words[3]) : RecordBatch.NO_TIMESTAMP;
        var type = format == 0 ? TimestampType.NO_TIMESTAMP_TYPE
                : stamped ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
        long first = Long.parseLong(words[4].split(",")[0]);
        var builder = MemoryRecords.builder(
                ByteBuffer.allocate(1 << 16), format, Compression.of(words[2]).build(), type, first, appended);
        for (int at = 4; at < words.length; at++) {
            String[] parts = words[at].split(",", -1);
            var headers = new Header[parts.length - 4];
            for (int n = 0; n < headers.length; n++) {
                String[] header = parts[4 + n].split("=", 2);
                headers[n] = new RecordHeader(new String(HEX.parseHex(header[0]), StandardCharsets.UTF_8), bytes(header[1]));
            }
            builder.appendWithOffset(
                    Long.parseLong(parts[0]), Long.parseLong(parts[1]), bytes(parts[2]), bytes(parts[3]), headers);
        }
        return HEX.formatHex(Utils.toArray(builder.build().buffer()));
    }

    private static String read(byte[] bytes) {
        var answer = new StringJoiner(" ");
        String before = null;
        for (RecordBatch batch : MemoryRecords.readableRecords(ByteBuffer.wrap(bytes)).batches()) {
            batch.ensureValid();
            var kind = batch.magic() + " " + batch.compressionType().name;
            if (before != null && !before.equals(kind)) {
                throw new IllegalStateException(before + ", then " + kind);
            } else if (before == null) {
                answer.add(kind);
            }
            before = kind;
            for (Record record : batch) {
                record.ensureValid();
                answer.add(text(record));
            }
        }
        return answer.toString();
    }

    private static String text(Record record) {
        var text = new StringBuilder();
        text.append(record.offset()).append(',').append(record.timestamp());
        text.append(',').append(hex(record.hasKey() ? Utils.toArray(record.key()) : null));
        text.append(',').append(hex(record.hasValue() ? Utils.toArray(record.value()) : null));
        for (Header header : record.headers()) {
            text.append(',').append(hex(header.key().getBytes(StandardCharsets.UTF_8)));
            text.append('=').append(hex(header.value()));
        }
        return text.toString();
    }

    private static byte[] bytes(String hex) {
        return hex.equals("-") ? null : HEX.parseHex(hex);
    }

    private static String hex(byte[] bytes) {
        return bytes == null ? "-" : HEX.formatHex(bytes);
    }
}
