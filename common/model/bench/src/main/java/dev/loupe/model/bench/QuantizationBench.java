package dev.loupe.model.bench;

import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import dev.loupe.model.quantization.Calibration;
import dev.loupe.model.quantization.Int8Graph;
import dev.loupe.model.quantization.LayerKind;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Milliseconds per image on one thread, with 32-bit floats and with 8-bit integers. The ratio depends on the processor:
 * x86 ones with VNNI gain most.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgs = {"--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class QuantizationBench {
    private static final int CALIBRATION_IMAGES = 4;

    @Param({"resnet18", "mobilenet_v2", "scattering"})
    private String network;

    @Param({"fp32", "int8"})
    private String precision;

    private long[] shape;
    private float[] image;
    private OnnxSession session;
    private List<String> outputs;

    @Setup
    public void prepare() {
        Random random = new Random(2);
        Backbone scattering = Scattering.backbone();
        boolean published = !network.equals("scattering");
        int side =
                published ? PublishedNetworks.SIDE : scattering.preprocessing().height();
        shape = new long[] {1, 3, side, side};
        outputs = List.of(
                published ? PublishedNetworks.OUTPUT : scattering.pooled().output());
        byte[] onnx = published ? PublishedNetworks.named(network) : scattering.onnx();
        if (precision.equals("int8")) {
            Int8Graph graph = Int8Graph.of(onnx, EnumSet.allOf(LayerKind.class));
            try (Calibration calibration = graph.calibration(1)) {
                for (int i = 0; i < CALIBRATION_IMAGES; i++) {
                    calibration.observe(drawn(random, side), shape);
                }
                onnx = graph.quantized(calibration.ranges());
            }
        }
        image = drawn(random, side);
        session = new OnnxSession(onnx, 1);
    }

    private static float[] drawn(Random random, int side) {
        float[] values = new float[3 * side * side];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    @TearDown
    public void close() {
        session.close();
    }

    @Benchmark
    public List<Tensor> predict() {
        return session.run(image, shape, outputs);
    }
}
