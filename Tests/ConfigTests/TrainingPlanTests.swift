import Foundation
import Records
import Testing

@testable import Config
@testable import Files

@Suite struct TrainingPlanTests {
    private func facts(
        bags: Int = 300,
        median: Int = 4000,
        width: Int = 1024,
        target: Target.Kind = .class,
        spread: Double = 0.5
    ) -> PlanFacts {
        PlanFacts(
            bags: bags,
            patches: PlanFacts.Sizes(least: 1, median: median, most: 4 * median),
            width: width,
            target: target,
            rarest: bags / 2,
            spread: spread
        )
    }

    private func planned(
        _ facts: PlanFacts,
        _ training: TrainingConfig = TrainingConfig(),
        _ model: ModelConfig = .abmil(ABMILConfig()),
        hasValidation: Bool = true,
        isHandcrafted: Bool = false
    ) -> (plan: TrainingPlan, training: TrainingConfig) {
        TrainingPlan.made(for: training, of: facts, model, hasValidation: hasValidation, isHandcrafted: isHandcrafted)
    }

    @Test func whatAPlanFillsInIsAConfigThatIsAllowed() throws {
        for bags in [2, 20, 83, 140, 1000, 40_000] {
            for median in [1, 5, 706, 12_000, 200_000] {
                for width in [8, 64, 166, 1024, 2560] {
                    for hasValidation in [true, false] {
                        let facts = facts(bags: bags, median: median, width: width)
                        let made = planned(facts, hasValidation: hasValidation)
                        try made.training.check(at: "training")
                        #expect(made.plan.lines.allSatisfy { !$0.reason.isEmpty && !$0.isGiven })
                        #expect(made == planned(facts, hasValidation: hasValidation))
                    }
                }
            }
        }
    }

    @Test func whatStandsInTheConfigWinsAndIsSaid() throws {
        var training = TrainingConfig()
        (training.plan, training.epochs, training.learningRate) = (.auto, 7, 0.5)
        (training.standardise, training.patchesPerStep) = (.never, 11)
        let made = planned(facts(spread: 90), training)
        #expect((made.training.epochs, made.training.learningRate, made.training.patchesPerStep) == (7, 0.5, 11))
        #expect(made.training.standardise == .never)
        let given = made.plan.lines.filter(\.isGiven)
        #expect(Set(given.map(\.key)) == ["epochs", "learning_rate", "standardise", "patches_per_step"])
        #expect(given.allSatisfy { $0.reason == "stands in the config" })
        #expect((made.training.warmupEpochs ?? 9) < 7, "what follows from a key follows from the given one")
        try made.training.check(at: "training")
    }

    @Test func fewPatchesAreTakenWholeAndMHIMChoosesItself() {
        #expect(planned(facts(median: 6)).training.patchesPerStep == nil)
        #expect((planned(facts()).training.patchesPerStep ?? 9999) < 4000)
        #expect(planned(facts(median: 6)).training.attentionEntropy == nil)
        #expect((planned(facts()).training.attentionEntropy ?? 0) > 0)
        #expect((planned(facts(median: 6)).training.weightDecay ?? 0) > (planned(facts()).training.weightDecay ?? 1))
        let mhim = planned(facts(bags: 5000), TrainingConfig(), .mhim(MHIMConfig())).training
        #expect(mhim.patchesPerStep == nil && mhim.bagsPerStep == 1)
        #expect((planned(facts(bags: 5000)).training.bagsPerStep ?? 0) > 1)
    }

    @Test func drawsAtTestTimeWithoutAStepThatDrawsAreSaidToDoNothing() {
        var training = TrainingConfig()
        (training.plan, training.testDraws) = (.auto, 4)
        func line(_ facts: PlanFacts) -> TrainingPlan.Line? {
            planned(facts, training).plan.lines.first { $0.key == "test_draws" }
        }
        #expect(line(facts(median: 6))?.reason.contains("no effect") == true)
        #expect(line(facts()) == nil)
    }

    @Test func theBagsOfCoxAreItsRiskSet() throws {
        var training = TrainingConfig()
        training.survivalLoss = .cox
        let made = planned(facts(bags: 3000, target: .survival), training)
        #expect(made.training.bagsPerStep == nil)
        try made.training.checkSteps(of: .abmil(ABMILConfig()), kind: .survival)
        var given = training
        given.bagsPerStep = 4
        #expect(throws: ConfigError.self) { try given.checkSteps(of: .abmil(ABMILConfig()), kind: .survival) }
    }

    @Test func featuresOfAnotherScaleAreStandardised() {
        #expect(planned(facts(spread: 0.5)).training.standardise == .never)
        #expect(planned(facts(spread: 90)).training.standardise == .always)
        #expect(planned(facts(spread: 0.001)).training.standardise == .always)
        #expect(planned(facts(), isHandcrafted: true).training.standardise == .always)
    }

    @Test func targetsWithoutClassesAreNotChosenByFiguresOfClasses() {
        for kind in Target.Kind.allCases where kind != .class {
            #expect(planned(facts(target: kind)).training.selection?.isOfClasses == false)
        }
        #expect(planned(facts(bags: 5000), hasValidation: false).training.selection == .last)
    }

    @Test func besideFewBagsNoEpochIsChosen() {
        let (few, many) = (planned(facts(bags: 140)).training, planned(facts(bags: 5000)).training)
        #expect((few.selection, few.earlyStopping?.patience, few.selectionWindow) == (.last, 0, nil))
        #expect(many.selection == .loss && (many.selectionWindow ?? 0) > 1 && (many.earlyStopping?.patience ?? 0) > 0)
        #expect((few.weightDecay ?? 0) > (many.weightDecay ?? 1))
    }

    @Test func decayOfAdamIsNoShareOfTheWeights() {
        var training = TrainingConfig()
        training.optimiser = .adam
        #expect((planned(facts(), training).training.weightDecay ?? 1) < 0.001)
    }

    @Test func factsAreOfTheBagsThatHavePatches() throws {
        var survey = PlanSurvey(.class, classes: ["a", "b"])
        #expect(survey.facts == nil)
        func bag(_ rows: Int) -> Bag {
            let features: [Float] = (0..<rows).flatMap { row -> [Float] in [row % 2 == 0 ? 0 : 6, 1] }
            return Bag(unit: "u", parts: [], width: 2, features: features)
        }
        for (rows, label) in [(4, 0), (0, 1), (10, 1), (64, 0)] { survey.add(bag(rows), .class(label)) }
        let facts = try #require(survey.facts)
        #expect((facts.bags, facts.width, facts.rarest) == (3, 2, 1))
        #expect(facts.patches == PlanFacts.Sizes(least: 4, median: 10, most: 64))
        #expect(abs(facts.spread - 3) < 1e-9, "0 and 6 in turns: sd 3; the other feature has none")
    }

    @Test func selectionLooksAtTheMeanOfSeveralEpochs() {
        var recipe = Recipe.published(for: .acmil(ACMILConfig()), featureWidth: 1024, classes: 2)
        #expect(recipe.smoothed([1, 5, 3]) == [1, 5, 3])
        recipe.selectionWindow = 2
        #expect(recipe.smoothed([1, 5, 3]) == [-.infinity, 3, 4])
        recipe.selectionWindow = 200
        #expect(recipe.smoothed(Array(repeating: 1, count: 50)).last == 1, "a window is no longer than the training")
    }

    @Test func drawsAtTestTimeNeedAStepThatDraws() throws {
        func read(_ json: String) throws { _ = try JSONDecoder().decode(TrainingConfig.self, from: Data(json.utf8)) }
        #expect(throws: ConfigError.self) { try read(#"{"test_draws": 4}"#) }
        #expect(throws: ConfigError.self) { try read(#"{"selection_window": 9, "epochs": 8}"#) }
        try read(#"{"test_draws": 4, "patches_per_step": 100}"#)
        try read(#"{"test_draws": 4, "plan": "auto"}"#)
    }
}
