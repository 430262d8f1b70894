package dev.loupe.testing;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Reads the events of a topic, for tests. */
public final class TopicReader {
    private static final Duration TIMEOUT = Duration.ofSeconds(40);

    private TopicReader() {}

    /** The type of the event in a record. */
    public static String type(ConsumerRecord<String, byte[]> record) {
        return new String(record.headers().lastHeader("ce_type").value(), StandardCharsets.UTF_8);
    }

    /**
     * Reads a topic from its beginning.
     *
     * @param topic name of the topic, without the prefix of this JVM's tests
     * @param enough whether the records read so far are sufficient
     * @throws AssertionError if that is not the case within 40 seconds
     */
    public static List<ConsumerRecord<String, byte[]>> read(
            String brokers, String topic, Predicate<List<ConsumerRecord<String, byte[]>>> enough) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                brokers,
                "group.id",
                UUID.randomUUID().toString(),
                "auto.offset.reset",
                "earliest");
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new ByteArrayDeserializer())) {
            consumer.subscribe(List.of(DevstackTestResource.topic(topic)));
            List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
            Instant deadline = Instant.now().plus(TIMEOUT);
            while (!enough.test(records)) {
                if (Instant.now().isAfter(deadline)) {
                    throw new AssertionError("topic " + topic + ": the expected records did not arrive within "
                            + TIMEOUT.toSeconds() + " s; it has " + records.size() + " records");
                }
                consumer.poll(Duration.ofMillis(300)).forEach(records::add);
            }
            return records;
        }
    }
}
