import Config
import Files
import Foundation
import Records
import Testing

@Suite struct RecipeTests {
    private let acmil = Recipe.published(for: .acmil(ACMILConfig()), featureWidth: 1024, classes: 2)
    private let mhim = Recipe.published(for: .dsmil(DSMILConfig()), featureWidth: 1024, classes: 2)

    @Test func ACMILTakesAdamWAtOneTenThousandthForFiftyEpochs() {
        #expect((acmil.optimiser, acmil.learningRate, acmil.weightDecay, acmil.epochs) == (.adamw, 1e-4, 1e-5, 50))
        #expect((acmil.schedule, acmil.selection, acmil.earlyStopping.patience) == (.cosine, .f1AUC, 0))
    }

    @Test func ResNet18FeaturesTakeTwiceTheRateAndTwiceTheEpochsOfGatedAttentionOnly() {
        let gated = Recipe.published(for: .acmil(ACMILConfig()), featureWidth: 512, classes: 2)
        #expect((gated.learningRate, gated.epochs) == (2e-4, 100))
        var config = ACMILConfig()
        config.variant = .mha
        let heads = Recipe.published(for: .acmil(config), featureWidth: 512, classes: 2)
        #expect((heads.learningRate, heads.epochs) == (2e-4, 50))
    }

    @Test func aConfigOverridesWhatItNamesAndNothingElse() throws {
        let json = #"{"epochs": 7, "optimiser": "adam", "early_stopping": {"patience": 2}}"#
        let config = try JSONDecoder().decode(TrainingConfig.self, from: Data(json.utf8))
        var expected = acmil
        (expected.epochs, expected.optimiser, expected.earlyStopping.patience) = (7, .adam, 2)
        #expect(config.recipe(for: .acmil(ACMILConfig()), featureWidth: 1024, classes: 2) == expected)
    }

    @Test func theRateFollowsHalfACosinePerIteration() {
        #expect(acmil.learningRate(at: 0) == 1e-4)
        #expect(abs(acmil.learningRate(at: 0.5) - 9.9975328e-5) < 1e-12)
        #expect(abs(acmil.learningRate(at: 10) - 9.04508497e-5) < 1e-12)
        #expect(abs(acmil.learningRate(at: 25) - 5e-5) < 1e-15)
        #expect(abs(acmil.learningRate(at: 49 + 242.0 / 243) - 1.67e-12) < 1e-14)
    }

    @Test func warmUpRisesLinearlyToTheFullRate() {
        var recipe = acmil
        (recipe.warmupEpochs, recipe.minimumLearningRate) = (2, 1e-5)
        #expect(recipe.learningRate(at: 1) == 5e-5)
        #expect(recipe.learningRate(at: 2) == 1e-4)
        // Of steps: the first one learns, and the last one of the rise has the full rate.
        #expect(abs(recipe.learningRate(at: 0, step: 0.25) - 1.25e-5) < 1e-18)
        #expect(recipe.learningRate(at: 0, step: 1) == 5e-5)
        #expect(abs(recipe.learningRate(at: 1.9, step: 0.1) - 1e-4) < 1e-18)
        #expect(recipe.learningRate(at: 10, step: 0.1) == recipe.learningRate(at: 10))
        #expect(abs(recipe.learningRate(at: 50) - 1e-5) < 1e-15)
    }

    @Test func MHIMsRateFollowsHalfACosinePerEpoch() {
        let first = [0, 1, 50, 100].map { mhim.learningRate(at: $0 + 0.9) }
        #expect(zip(first, [2e-4, 1.99987663e-4, 1.70710678e-4, 1e-4]).allSatisfy { abs($0 - $1) < 1e-12 })
        var second = mhim
        second.minimumLearningRate = 1e-7
        let rates = [0, 1, 50, 100].map { second.learningRate(at: $0) }
        #expect(zip(rates, [2e-4, 1.99987669e-4, 1.70725323e-4, 1.0005e-4]).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test func earlyStoppingWaitsForItsPatienceAndForItsEpoch() {
        #expect(mhim.earlyStopping == Recipe.EarlyStopping(patience: 30, afterEpoch: 130))
        let falling = [1.0] + (0..<200).map { _ in 0.5 }
        let end = falling.indices.first { mhim.earlyStopping.ends(after: Array(falling[...$0])) }
        #expect(end == 131)
        let early = Recipe.EarlyStopping(patience: 2)
        #expect(early.ends(after: [1, 0.5, 0.4]))
        #expect(!early.ends(after: [1, 0.5, 1, 0.4]), "an epoch as good as the best one starts the count anew")
        #expect(!Recipe.EarlyStopping(patience: 0).ends(after: falling))
    }
}
