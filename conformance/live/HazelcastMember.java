import com.hazelcast.config.Config;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.map.MapInterceptor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.Map;

/** A member that has code of its own to run where the entries are; configured as any other. */
public final class HazelcastMember {
    private static final int FACTORY = 4712;

    public static void main(String[] arguments) {
        Config config = Config.load();
        config.getSerializationConfig().addDataSerializableFactory(FACTORY, id -> switch (id) {
            case 1 -> new Add();
            case 2 -> new Distort();
            default -> null;
        });
        Hazelcast.newHazelcastInstance(config);
    }

    /** Adds a number to a value, or to 0 where there is none, and returns what there was. */
    public static final class Add implements EntryProcessor<Object, Long, Long>, IdentifiedDataSerializable {
        private long by;

        @Override
        public Long process(Map.Entry<Object, Long> entry) {
            Long old = entry.getValue();
            entry.setValue((old == null ? 0 : old) + by);
            return old;
        }

        @Override
        public int getFactoryId() {
            return FACTORY;
        }

        @Override
        public int getClassId() {
            return 1;
        }

        @Override
        public void writeData(ObjectDataOutput out) throws IOException {
            out.writeLong(by);
        }

        @Override
        public void readData(ObjectDataInput in) throws IOException {
            by = in.readLong();
        }
    }

    /** Stores the double of what is put, and gives one more than what is stored. */
    public static final class Distort implements MapInterceptor, IdentifiedDataSerializable {
        @Override
        public Object interceptGet(Object value) {
            return value == null ? null : (Long) value + 1;
        }

        @Override
        public void afterGet(Object value) {
        }

        @Override
        public Object interceptPut(Object before, Object value) {
            return (Long) value * 2;
        }

        @Override
        public void afterPut(Object value) {
        }

        @Override
        public Object interceptRemove(Object value) {
            return value;
        }

        @Override
        public void afterRemove(Object value) {
        }

        @Override
        public int getFactoryId() {
            return FACTORY;
        }

        @Override
        public int getClassId() {
            return 2;
        }

        @Override
        public void writeData(ObjectDataOutput out) {
        }

        @Override
        public void readData(ObjectDataInput in) {
        }
    }
}
