package dev.loupe.imaging;

/**
 * A generated file and the expected result of decoding it.
 *
 * @param format name of the format in docs/reference/images.md
 * @param colour colour type
 * @param bits bits per sample
 * @param storage compression, order and layout
 * @param file content of the file
 * @param expected expected pixels; null if the kind is rejected
 * @param refusal text that the error message contains; null if the kind is decoded
 */
record ImageKind(String format, String colour, int bits, String storage, byte[] file, Pixels expected, String refusal) {
    static ImageKind decoded(String format, String colour, int bits, String storage, byte[] file, Pixels expected) {
        return new ImageKind(format, colour, bits, storage, file, expected, null);
    }

    static ImageKind refused(String format, String colour, int bits, String storage, byte[] file, String refusal) {
        return new ImageKind(format, colour, bits, storage, file, null, refusal);
    }

    @Override
    public String toString() {
        return "%s, %s, %d bits, %s".formatted(format, colour, bits, storage);
    }
}
