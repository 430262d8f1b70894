package dev.loupe.training.run;

import java.util.UUID;
import org.jdbi.v3.core.mapper.PropagateNull;

/**
 * The model that a run of the kind {@link RunKind#IMPORT} imports.
 *
 * @param id its id
 * @param name its name within the project
 * @param sha256 digest of its ONNX file
 */
public record ImportedModelRef(@PropagateNull UUID id, String name, String sha256) {}
