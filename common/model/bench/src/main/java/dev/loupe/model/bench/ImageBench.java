package dev.loupe.model.bench;

import dev.loupe.imaging.ImageDecoder;
import dev.loupe.imaging.Pixels;
import dev.loupe.imaging.Preprocessing;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.Scattering;
import dev.loupe.model.onnx.OnnxSession;
import dev.loupe.model.onnx.OnnxSession.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.imageio.ImageIO;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Milliseconds per image on one thread, for each step from a generated 640×480 JPEG to features: decoding (compared with
 * the JDK's reader), preprocessing to {@code [1, 3, 224, 224]}, and the built-in scattering network.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgs = {"--enable-native-access=ALL-UNNAMED", "-Djava.awt.headless=true"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ImageBench {
    private byte[] jpeg;
    private Pixels pixels;
    private Preprocessing preprocessing;
    private float[] input;
    private OnnxSession scattering;
    private List<String> outputs;

    @Setup
    public void prepare() throws IOException {
        jpeg = drawn();
        pixels = ImageDecoder.decode(jpeg);
        Backbone backbone = Scattering.backbone();
        preprocessing = backbone.preprocessing();
        input = preprocessing.apply(pixels);
        scattering = new OnnxSession(backbone.onnx(), 1);
        outputs = List.of(backbone.pooled().output());
    }

    @TearDown
    public void close() {
        scattering.close();
    }

    @Benchmark
    public Pixels decode() {
        return ImageDecoder.decode(jpeg);
    }

    @Benchmark
    public BufferedImage decodeByTheJdk() throws IOException {
        return ImageIO.read(new ByteArrayInputStream(jpeg));
    }

    @Benchmark
    public float[] preprocess() {
        return preprocessing.apply(pixels);
    }

    @Benchmark
    public List<Tensor> scatter() {
        return scattering.run(input, new long[] {1, 3, preprocessing.height(), preprocessing.width()}, outputs);
    }

    private static byte[] drawn() throws IOException {
        BufferedImage image = new BufferedImage(640, 480, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(0);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int grey = 100 + (x + y) / 16 + random.nextInt(24);
                image.setRGB(x, y, grey << 16 | grey << 8 | grey);
            }
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", out);
        return out.toByteArray();
    }
}
