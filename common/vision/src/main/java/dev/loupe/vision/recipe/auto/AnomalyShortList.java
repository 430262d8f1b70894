package dev.loupe.vision.recipe.auto;

import dev.loupe.contracts.Split;
import dev.loupe.contracts.recipe.BackboneName;
import dev.loupe.contracts.recipe.Parameter;
import dev.loupe.contracts.recipe.Recipe;
import dev.loupe.model.backbone.Backbone;
import dev.loupe.model.backbone.BuiltInBackbones;
import dev.loupe.vision.anomaly.Layers;
import dev.loupe.vision.anomaly.PatchFeatures;
import dev.loupe.vision.recipe.patchcore.Treatment;
import dev.loupe.vision.training.TrainingImage;
import dev.loupe.vision.training.TrainingJob;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** What is worth trying for the normal images and the backbones of a job, in the order of its cost. */
final class AnomalyShortList {
    /** Least normal, and least abnormal, DEV images to choose by: with fewer, the best of several is the best by chance. */
    static final int MIN_DEV_IMAGES = 10;
    /** Number of probes that are trained with all images. */
    static final int MAX_WHOLE = 3;
    /** Most images of a probe in each label and split. */
    static final int PROBE_IMAGES = 100;

    private static final String PROBE = "probe of ";
    /** How many times as large as a backbone's input images are that tiles show more of. */
    private static final double LARGER = 1.5;

    private static final int STEP = (int) Parameter.BACKBONE_IMAGE_STEP;
    private static final int SMALLEST_SIDE = Integer.parseInt(Parameter.SMALLEST_BACKBONE_IMAGE);
    private static final int LARGEST_SIDE = Integer.parseInt(Parameter.MAX_BACKBONE_IMAGE);

    private AnomalyShortList() {}

    /** A reason why there is nothing to choose by, in which case the default is trained; empty otherwise. */
    static Optional<String> nothingToChooseBy(List<TrainingImage> images, List<String> labels) {
        List<TrainingImage> dev =
                images.stream().filter(image -> image.split() == Split.DEV).toList();
        long normal = dev.stream()
                .filter(image -> image.label().equals(labels.getFirst()))
                .count();
        long abnormal = dev.size() - normal;
        return Math.min(normal, abnormal) >= MIN_DEV_IMAGES
                ? Optional.empty()
                : Optional.of("nothing could be compared: DEV has " + normal + " normal and " + abnormal
                        + " abnormal images, and " + MIN_DEV_IMAGES + " or more of each are needed");
    }

    /**
     * The default of anomaly detection, with the first backbone of the job.
     *
     * @param ofAll parameters of all candidates
     */
    static Candidate standard(TrainingJob job, Map<String, Object> ofAll) {
        return patchCore(job.backbones().getFirst(), ofAll, Map.of());
    }

    /** A trial of each treatment of the features of each backbone, with few images. */
    static List<Candidate> probes(TrainingJob job, Map<String, Object> ofAll) {
        List<Candidate> probes = new ArrayList<>();
        for (Treatment treatment : Treatment.values()) {
            for (Backbone backbone : job.backbones()) {
                if (treatment == Treatment.WHITENED) {
                    probes.add(probe(patchCore(backbone, ofAll, Map.of()))); // one without maps fails, and says why
                } else if (!backbone.featureMaps().isEmpty()) {
                    probes.add(probe(patchCore(backbone, ofAll, Map.of("treatment", treatment.toString()))));
                }
            }
        }
        return probes;
    }

    /**
     * Trials of other layers or sizes of a probe's backbone, with few images.
     *
     * @param reduction how many times as large as the input of a backbone its images are
     */
    static List<Candidate> variations(
            Candidate probe, Map<String, Object> ofAll, ToDoubleFunction<Backbone> reduction) {
        Backbone backbone = probe.backbone();
        List<Candidate> variations = new ArrayList<>();
        for (Layers layers : List.of(Layers.FINE, Layers.COARSE)) {
            boolean some = backbone.featureMaps().stream()
                    .anyMatch(map -> layers.strides().contains(map.stride()));
            if (some
                    && !PatchFeatures.of(backbone, layers)
                            .maps()
                            .equals(PatchFeatures.of(backbone).maps())) {
                variations.add(varied(probe, backbone, ofAll, "layers", layers.toString()));
            }
        }
        if (Set.of(BackboneName.SCATTERING, BackboneName.HOG).contains(backbone.name())) {
            int own = backbone.preprocessing().width();
            for (int other : List.of(own * 2 / 3 / STEP * STEP, own * 3 / 2 / STEP * STEP)) {
                if (other >= SMALLEST_SIDE && other <= LARGEST_SIDE) {
                    variations.add(
                            varied(probe, BuiltInBackbones.of(backbone.name(), other), ofAll, "imageSize", other));
                }
            }
        } else if (reduction.applyAsDouble(backbone) >= LARGER) {
            variations.add(varied(probe, backbone, ofAll, "tiles", 2));
        }
        return variations;
    }

    private static Candidate varied(
            Candidate probe, Backbone backbone, Map<String, Object> ofAll, String parameter, Object value) {
        Map<String, Object> parameters = new LinkedHashMap<>(probe.recipe().parameters());
        parameters.put(parameter, value);
        return probe(patchCore(backbone, ofAll, parameters));
    }

    /** The candidate that a probe was a trial of; one that is no probe, as it is. */
    static Candidate whole(Candidate probe) {
        return probe.measureOnly()
                ? new Candidate(probe.name().substring(PROBE.length()), probe.recipe(), probe.backbone(), false)
                : probe;
    }

    /** Other recipes, which take one pass over the images; none of them knows products. */
    static List<Candidate> others(Backbone best, Map<String, Object> ofAll) {
        if (ofAll.containsKey(AutoAnomalyParameters.PRODUCTS)) {
            return List.of();
        }
        Map<String, Object> parameters = new LinkedHashMap<>(Map.of("backbone", best.name()));
        parameters.putAll(ofAll);
        return List.of("padim", "gaussian").stream()
                .map(recipe ->
                        new Candidate(recipe + " with " + best.name(), new Recipe(recipe, parameters), best, false))
                .toList();
    }

    /**
     * The images of a probe, in their order: of each label in TRAIN and DEV as many, spread over the products and over the
     * images.
     *
     * @param probeImages most images of each label and split
     */
    static List<TrainingImage> few(TrainingJob job, int probeImages) {
        Map<String, List<TrainingImage>> groups = job.images().stream()
                .filter(image -> image.split() != Split.TEST)
                .collect(Collectors.groupingBy(
                        image -> image.split() + image.label() + image.product(),
                        LinkedHashMap::new,
                        Collectors.toList()));
        long products = job.images(Split.TRAIN).stream()
                .map(image -> String.valueOf(image.product()))
                .distinct()
                .count();
        int most = (int) Math.max(MIN_DEV_IMAGES, probeImages / products);
        Set<TrainingImage> chosen = new HashSet<>();
        for (List<TrainingImage> group : groups.values()) {
            int count = Math.min(most, group.size());
            for (int i = 0; i < count; i++) {
                chosen.add(group.get((int) ((long) i * group.size() / count)));
            }
        }
        return job.images().stream().filter(chosen::contains).toList();
    }

    private static Candidate probe(Candidate candidate) {
        return new Candidate(PROBE + candidate.name(), candidate.recipe(), candidate.backbone(), true);
    }

    /** @param given parameters that differ from the defaults, other than the backbone and those of all candidates */
    private static Candidate patchCore(Backbone backbone, Map<String, Object> ofAll, Map<String, Object> given) {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("backbone", backbone.name());
        parameters.putAll(given);
        parameters.putAll(ofAll);
        String how = parameters.entrySet().stream()
                .filter(parameter -> !parameter.getKey().equals("backbone") && !ofAll.containsKey(parameter.getKey()))
                .map(parameter -> ", " + parameter.getKey() + " " + parameter.getValue())
                .collect(Collectors.joining());
        return new Candidate(
                "patchcore with " + backbone.name() + how, new Recipe("patchcore", parameters), backbone, false);
    }
}
