package dev.loupe.vision.classification;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** The examples of each class in TRAIN, and orders in which they are seen. */
final class ClassBalance {
    private final List<List<Integer>> byClass = new ArrayList<>();
    private final int size;

    ClassBalance(TrainingExamples train) {
        size = train.size();
        for (int i = 0; i < size; i++) {
            while (byClass.size() <= train.label(i)) {
                byClass.add(new ArrayList<>());
            }
            byClass.get(train.label(i)).add(i);
        }
    }

    /** All examples in random order. */
    List<Integer> shuffle(Random random) {
        List<Integer> order = new ArrayList<>(IntStream.range(0, size).boxed().toList());
        Collections.shuffle(order, random);
        return order;
    }

    /** As many examples, drawn with replacement so that each class is equally probable. */
    List<Integer> sample(Random random) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            List<Integer> examples = byClass.get(random.nextInt(byClass.size()));
            order.add(examples.get(random.nextInt(examples.size())));
        }
        return order;
    }

    /** The share of each class in each example, row by row: 1 for its label. */
    float[] targets(TrainingExamples examples, List<Integer> batch) {
        float[] targets = new float[batch.size() * byClass.size()];
        for (int i = 0; i < batch.size(); i++) {
            targets[i * byClass.size() + examples.label(batch.get(i))] = 1;
        }
        return targets;
    }

    /** The factor of each class in a loss. */
    float[] weights(ClassLoss loss) {
        return loss.classWeights(byClass.stream().mapToInt(List::size).toArray());
    }
}
