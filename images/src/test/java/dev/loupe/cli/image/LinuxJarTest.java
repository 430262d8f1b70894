package dev.loupe.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.zip.ZipEntry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinuxJarTest {

    @ParameterizedTest
    @CsvSource({
        "ai/onnxruntime/native/linux-x64/libonnxruntime.so, false",
        "ai/onnxruntime/native/linux-aarch64/libonnxruntime.so, true",
        "ai/onnxruntime/native/osx-aarch64/libonnxruntime.dylib, true",
        "ai/onnxruntime/native/osx-aarch64/libonnxruntime.dylib.dSYM/Contents/Info.plist, true",
        "ai/onnxruntime/native/win-x64/onnxruntime.dll, true",
        "org/bytedeco/opencv/linux-x86_64/libopencv_core.so.413, false",
        "org/xerial/snappy/native/Linux/x86_64/libsnappyjava.so, false",
        "org/xerial/snappy/native/Linux/x86/libsnappyjava.so, true",
        "linux/amd64/libzstd-jni-1.5.6-10.so, false",
        "linux/i386/libzstd-jni-1.5.6-10.so, true",
        "jnilib/linux-x86_64/cu128/libdjl_torch.so, false",
        "jnilib/linux-aarch64/cpu/libdjl_torch.so, true",
        "dev/loupe/arm/Arm.class, false"
    })
    void librariesOfOtherMachinesAreForeignAndNothingElseIs(String name, boolean foreign) {
        assertEquals(foreign, LinuxJar.isForeign(new ZipEntry(name)), name);
    }
}
