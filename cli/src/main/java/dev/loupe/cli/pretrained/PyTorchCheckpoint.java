package dev.loupe.cli.pretrained;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.razorvine.pickle.IObjectConstructor;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleException;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads the tensors of a network's state that {@code torch.save} of PyTorch before 1.6 wrote: five pickles (a magic
 * number, the version of the format, facts about the machine, the state, the keys of its storages) and then the bytes of
 * each storage.
 *
 * <p>A pickle can call any function of Python by its name. This class knows the four names that a state has, and refuses
 * all others.
 *
 * <p>Source: {@code torch/serialization.py}, function {@code _legacy_save}.
 */
final class PyTorchCheckpoint {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);

    /** Floats in the order of their dimensions. */
    @SuppressWarnings("ArrayRecordComponent")
    record Tensor(float[] values, int... shape) {}

    private enum Storage {
        FLOAT(Float.BYTES),
        LONG(Long.BYTES);

        private final int bytes;

        Storage(int bytes) {
            this.bytes = bytes;
        }
    }

    /** A tensor as the state has it: a place in a storage, where a step in a dimension is as far as its stride says. */
    @SuppressWarnings("ArrayRecordComponent")
    private record View(String storage, int offset, int[] shape, int[] strides) {

        /** Returns the values in the order of the dimensions, the last one fastest. */
        float[] read(float[] source) {
            int[] places = {offset};
            for (int dimension = 0; dimension < shape.length; dimension++) {
                int side = shape[dimension];
                int stride = strides[dimension];
                places = Arrays.stream(places)
                        .flatMap(place -> IntStream.range(0, side).map(i -> place + i * stride))
                        .toArray();
            }
            float[] values = new float[places.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = source[places[i]];
            }
            return values;
        }
    }

    private PyTorchCheckpoint() {}

    /**
     * Returns the tensors of floats by their names; others, such as counters, are left out.
     *
     * @throws IOException if this is no such file, or ends early
     */
    static Map<String, Tensor> read(InputStream file) throws IOException {
        try {
            if (!MAGIC.equals(new Unpickler().load(file))) {
                throw new IOException("it does not begin as a checkpoint of PyTorch");
            }
            new Unpickler().load(file); // the version of the format
            new Unpickler().load(file); // the machine: its byte order is not used, storages are little-endian
            StateUnpickler unpickler = new StateUnpickler();
            Map<?, ?> state = (Map<?, ?>) unpickler.load(file);
            Map<String, float[]> storages = new HashMap<>();
            for (Object key : (List<?>) new Unpickler().load(file)) {
                storages.put((String) key, storage(file, unpickler.storages.get(key)));
            }
            return tensors(state, storages);
        } catch (RuntimeException e) { // the unpickler throws several kinds of them for what it cannot read
            throw new IOException("not the state of a network: " + e.getMessage(), e);
        }
    }

    private static Map<String, Tensor> tensors(Map<?, ?> state, Map<String, float[]> storages) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        state.forEach((name, value) -> {
            View view = (View) value;
            float[] storage = storages.get(view.storage());
            if (storage != null) {
                tensors.put((String) name, new Tensor(view.read(storage), view.shape()));
            }
        });
        return tensors;
    }

    /** Returns the floats of the next storage; null if it has other numbers. */
    private static float[] storage(InputStream file, Storage type) throws IOException {
        long count = bytes(file, Long.BYTES).getLong();
        ByteBuffer content = bytes(file, Math.toIntExact(Math.multiplyExact(count, type.bytes)));
        if (type != Storage.FLOAT) {
            return null;
        }
        float[] values = new float[(int) count];
        content.asFloatBuffer().get(values);
        return values;
    }

    private static ByteBuffer bytes(InputStream file, int count) throws IOException {
        byte[] bytes = file.readNBytes(count);
        if (bytes.length < count) {
            throw new IOException("the file ends early");
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static final class StateUnpickler extends Unpickler {
        private final Map<String, Storage> storages = new HashMap<>();

        @Override
        protected Object dispatch(short opcode) throws IOException {
            switch (opcode) {
                case Opcodes.GLOBAL ->
                    stack.add(named(PickleUtils.readline(input) + "." + PickleUtils.readline(input)));
                case Opcodes.BUILD -> stack.pop(); // the versions of the network's modules
                default -> {
                    return super.dispatch(opcode);
                }
            }
            return NO_RETURN_VALUE;
        }

        private static Object named(String name) {
            return switch (name) {
                case "torch.FloatStorage" -> Storage.FLOAT;
                case "torch.LongStorage" -> Storage.LONG;
                case "collections.OrderedDict" -> (IObjectConstructor) _ -> new LinkedHashMap<>();
                case "torch._utils._rebuild_tensor_v2" -> (IObjectConstructor) StateUnpickler::view;
                default -> throw new PickleException("it names " + name);
            };
        }

        /** The arguments: a storage, the offset, the shape, the strides, and what training needs. */
        private static View view(Object... arguments) {
            return new View(
                    (String) arguments[0],
                    ((Number) arguments[1]).intValue(),
                    integers(arguments[2]),
                    integers(arguments[3]));
        }

        private static int[] integers(Object tuple) {
            return Arrays.stream((Object[]) tuple)
                    .mapToInt(number -> ((Number) number).intValue())
                    .toArray();
        }

        /** {@code ("storage", its type, its key, the device, its length, null)}. */
        @Override
        protected Object persistentLoad(Object id) {
            Object[] storage = (Object[]) id;
            String key = (String) storage[2];
            storages.put(key, (Storage) storage[1]);
            return key;
        }
    }
}
