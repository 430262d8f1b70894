package dev.loupe.imaging;

import static dev.loupe.imaging.ImageKind.decoded;
import static dev.loupe.imaging.ImageKind.refused;

import dev.loupe.imaging.Drawing.Colours;
import dev.loupe.imaging.Drawing.Samples;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Generated TIFF files of all kinds. */
final class TiffKinds {
    private static final String TIFF = "TIFF";
    private static final int[] COMPRESSIONS = {TiffWriter.NONE, TiffWriter.PACK_BITS, TiffWriter.LZW, TiffWriter.DEFLATE
    };
    private static final String[] COMPRESSION_NAMES = {"uncompressed", "PackBits", "LZW", "Deflate"};

    private final Drawing drawing;
    private final List<ImageKind> kinds = new ArrayList<>();

    private TiffKinds(Drawing drawing) {
        this.drawing = drawing;
    }

    static List<ImageKind> all(Drawing drawing) {
        TiffKinds kinds = new TiffKinds(drawing);
        kinds.grey();
        kinds.colours();
        kinds.alpha();
        kinds.orientations();
        kinds.writtenByTheJdk();
        kinds.unsupported();
        kinds.kinds.add(decoded(
                TIFF,
                "grey, white is zero",
                1,
                "fax group 4",
                Encoded.TIFF_FAX,
                new Drawing(9, 3).pixels((x, y, c) -> x == 0 && y == 0 || x == 8 && y == 2 ? 255 : 0)));
        return kinds.kinds;
    }

    private void grey() {
        for (int bits : new int[] {1, 2, 4, 8, 10, 12, 14, 16}) {
            layouts("grey, black is zero", bits, 1, 1, drawing.samples(bits), drawing.grey(bits));
            Colours inverted = (x, y, c) -> 255 - drawing.grey(bits).at(x, y, c);
            layouts("grey, white is zero", bits, 1, 0, drawing.samples(bits), inverted);
        }
    }

    private void colours() {
        for (int bits : new int[] {8, 16}) {
            layouts("RGB", bits, 3, 2, drawing.samples(bits), drawing.colours(bits));
            Colours inks = (x, y, c) -> (255 - drawing.colours(bits).at(x, y, c))
                    * (255 - drawing.colours(bits).at(x, y, 3))
                    / 255;
            layouts("CMYK", bits, 4, 5, drawing.samples(bits), inks);
        }
        for (int bits : new int[] {1, 2, 4, 8}) {
            byte[] palette = ImageKinds.palette(bits);
            long[] map = new long[palette.length];
            for (int i = 0; i < palette.length; i++) {
                map[i % 3 * (palette.length / 3) + i / 3] = (palette[i] & 0xFF) * 257L;
            }
            layouts(
                    "palette",
                    bits,
                    1,
                    3,
                    drawing.samples(bits),
                    (x, y, c) -> palette[3 * drawing.sample(x, y, 0, bits) + c] & 0xFF,
                    320,
                    map);
        }
    }

    private void alpha() {
        String[] names = {"unspecified fourth band", "associated alpha", "alpha"};
        for (int bits : new int[] {8, 16}) {
            for (int extra = 0; extra < 3; extra++) {
                boolean multiplied = extra == 1;
                Samples stored = (x, y, c) -> c == Drawing.ALPHA || !multiplied
                        ? drawing.sample(x, y, c, bits)
                        : (int) Math.round(drawing.sample(x, y, c, bits)
                                * (double) drawing.sample(x, y, Drawing.ALPHA, bits)
                                / Drawing.largest(bits));
                Colours colours = extra == 0 ? drawing.colours(bits) : drawing.onWhite(drawing.colours(bits), bits);
                layouts("RGB and " + names[extra], bits, 4, 2, stored, colours, 338, new long[] {extra});
                Samples greyStored = (x, y, c) -> stored.at(x, y, c == 1 ? Drawing.ALPHA : 0);
                Colours grey = extra == 0 ? drawing.grey(bits) : drawing.onWhite(drawing.grey(bits), bits);
                layouts(
                        "grey and " + names[extra].replace("fourth", "second"),
                        bits,
                        2,
                        1,
                        greyStored,
                        grey,
                        338,
                        new long[] {extra});
            }
        }
    }

    private void orientations() {
        for (int orientation = 1; orientation <= 8; orientation++) {
            for (boolean tiled : new boolean[] {false, true}) {
                for (int bits : new int[] {8, 16}) {
                    byte[] file = new TiffWriter(drawing, bits, 3, 2)
                            .tag(274, orientation)
                            .tiled(tiled)
                            .write(drawing.samples(bits));
                    kinds.add(decoded(
                            TIFF,
                            "RGB",
                            bits,
                            "orientation, " + (tiled ? "tiles" : "strips"),
                            file,
                            drawing.upright(drawing.colours(bits), orientation)));
                }
            }
        }
    }

    private void layouts(String colour, int bits, int channels, int photometric, Samples samples, Colours expected) {
        layouts(colour, bits, channels, photometric, samples, expected, 0, new long[0]);
    }

    /** All compressions, stripped and tiled, interleaved and planar, in both byte orders, with and without a predictor. */
    private void layouts(
            String colour,
            int bits,
            int channels,
            int photometric,
            Samples samples,
            Colours expected,
            int tag,
            long[] values) {
        Pixels pixels = drawing.pixels(expected);
        for (int i = 0; i < COMPRESSIONS.length; i++) {
            for (int layout = 0; layout < 8; layout++) {
                boolean tiled = (layout & 1) != 0;
                boolean planar = (layout & 2) != 0;
                boolean predicted = (layout & 4) != 0;
                boolean possible = (!planar || channels > 1)
                        && (!predicted || i >= 2 && (bits == 8 || bits == 16) && photometric != 3);
                if (!possible) {
                    continue;
                }
                TiffWriter writer = new TiffWriter(drawing, bits, channels, photometric)
                        .compression(COMPRESSIONS[i])
                        .tiled(tiled)
                        .planar(planar)
                        .predicted(predicted)
                        .order((i + layout) % 2 == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
                if (tag != 0) {
                    writer.tag(tag, values);
                }
                String storage = COMPRESSION_NAMES[i]
                        + (predicted ? " with predictor" : "")
                        + (tiled ? ", tiles" : ", strips")
                        + (planar ? ", planar" : "");
                kinds.add(decoded(TIFF, colour, bits, storage, writer.write(samples), pixels));
            }
        }
    }

    /** Files by the JDK's encoder, an independent implementation; the image is large enough for LZW codes of 12 bits. */
    private void writtenByTheJdk() {
        Drawing large = new Drawing(150, 120);
        BufferedImage image = new BufferedImage(large.width(), large.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < large.height(); y++) {
            for (int x = 0; x < large.width(); x++) {
                image.setRGB(
                        x,
                        y,
                        large.sample(x, y, 0, 8) << 16 | large.sample(x, y, 1, 8) << 8 | large.sample(x, y, 2, 8));
            }
        }
        for (String compression : new String[] {"LZW", "Deflate", "PackBits"}) {
            kinds.add(decoded(TIFF, "RGB", 8, compression, jdk(image, compression), large.pixels(large.colours(8))));
        }
        Drawing flat = new Drawing(64, 48);
        Colours colours = (x, y, c) -> 200 - 40 * c;
        BufferedImage plain = new BufferedImage(flat.width(), flat.height(), BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < flat.width() * flat.height(); i++) {
            plain.setRGB(i % flat.width(), i / flat.width(), 200 << 16 | 160 << 8 | 120);
        }
        kinds.add(decoded(TIFF, "YCbCr", 8, "JPEG", jdk(plain, "JPEG"), flat.pixels(colours)));
    }

    private static byte[] jdk(BufferedImage image, String compression) {
        ImageWriter writer = ImageIO.getImageWritersByFormatName("tiff").next();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ImageOutputStream stream = ImageIO.createImageOutputStream(out)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionType(compression);
            writer.setOutput(stream);
            writer.write(null, new IIOImage(image, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writer.dispose();
        }
        return out.toByteArray();
    }

    private void unsupported() {
        String[] compressions = {
            "6:old-style JPEG",
            "34712:JPEG 2000",
            "34887:LERC",
            "34925:LZMA",
            "50000:Zstandard",
            "50001:WebP",
            "50002:JPEG XL",
            "34661:JBIG",
            "32809:ThunderScan"
        };
        for (String one : compressions) {
            int colon = one.indexOf(':');
            byte[] file = writer(8, 3, 2)
                    .compression(Integer.parseInt(one.substring(0, colon)))
                    .write(drawing.samples(8));
            kinds.add(
                    refused(TIFF, "RGB", 8, one.substring(colon + 1), file, one.substring(colon + 1) + " compression"));
        }
        for (int bits : new int[] {16, 32, 64}) {
            kinds.add(refused(
                    TIFF,
                    "grey",
                    bits,
                    "floating-point samples",
                    writer(bits, 1, 1).tag(339, 3).file(List.of(new byte[9])),
                    "floating-point samples of " + bits + " bits"));
        }
        for (int bits : new int[] {24, 32, 64}) {
            kinds.add(refused(
                    TIFF,
                    "grey",
                    bits,
                    "samples of more than 16 bits",
                    writer(bits, 1, 1).file(List.of(new byte[9])),
                    "samples of " + bits + " bits"));
        }
        for (int bits : new int[] {8, 16}) {
            kinds.add(refused(
                    TIFF,
                    "grey",
                    bits,
                    "signed samples",
                    writer(bits, 1, 1).tag(339, 2).file(List.of(new byte[9])),
                    "signed samples"));
        }
        kinds.add(refused(
                TIFF,
                "RGB",
                16,
                "predictor 3",
                writer(16, 3, 2).compression(TiffWriter.LZW).tag(317, 3).file(List.of(new byte[9])),
                "predictor 3"));
        kinds.add(refused(
                TIFF,
                "grey",
                8,
                "bits in reverse order",
                writer(8, 1, 1).tag(266, 2).file(List.of(new byte[9])),
                "bits in reverse order"));
        kinds.add(refused(
                TIFF,
                "YCbCr",
                8,
                "outside of JPEG",
                writer(8, 3, 6).file(List.of(new byte[9])),
                "YCbCr outside of JPEG"));
        kinds.add(refused(TIFF, "CIE L*a*b*", 8, "any", writer(8, 3, 8).file(List.of(new byte[9])), "CIE L*a*b*"));
        kinds.add(refused(TIFF, "LogLuv", 16, "any", writer(16, 3, 32845).file(List.of(new byte[9])), "LogLuv"));
        kinds.add(refused(
                TIFF,
                "raw sensor data (DNG)",
                16,
                "any",
                writer(16, 1, 32803).file(List.of(new byte[9])),
                "raw sensor data"));
        kinds.add(refused(
                TIFF,
                "more than one further band",
                8,
                "any",
                writer(8, 5, 2).file(List.of(new byte[9])),
                "2 further samples"));
        kinds.add(refused(
                TIFF,
                "bands of different depths",
                8,
                "any",
                writer(8, 1, 1).tag(258, 5, 6, 5).tag(277, 3).file(List.of(new byte[9])),
                "different depths"));
    }

    private TiffWriter writer(int bits, int channels, int photometric) {
        return new TiffWriter(drawing, bits, channels, photometric);
    }
}
