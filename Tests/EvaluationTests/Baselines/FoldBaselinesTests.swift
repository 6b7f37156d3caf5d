import Foundation
import Records
import Testing

@testable import Evaluation
@testable import Files

@Suite struct FoldBaselinesTests {
    /// Bags whose first feature tells the target, among others that do not.
    private func bags(_ part: String, _ count: Int, _ target: (Double, Int) -> Target) throws -> [MeanBag] {
        try (0..<count).map { index in
            var random = CounterRandom(seed: 3, part, index)
            let hidden = random.uniform(-1, 1)
            let noise = (0..<7).map { _ in random.uniform(-1, 1) }
            let id = try SlideID("\(part)\(index)")
            let slide = CohortSlide(slide: id, caseID: id.text, target: target(hidden, index))
            return MeanBag(slide: slide, features: [hidden] + noise)
        }
    }

    private func baselines(_ kind: Target.Kind, _ classes: Int, _ target: (Double, Int) -> Target) throws -> (
        FoldBaselines, test: [MeanBag]
    ) {
        let test = try bags("test", 40, target)
        let made = FoldBaselines(
            kind,
            classes: classes,
            training: try bags("train", 60, target),
            validation: try bags("validation", 30, target),
            test: test,
            decidesByYouden: true
        )
        return (made, test)
    }

    private func answers(_ baselines: FoldBaselines, _ baseline: Baseline, _ test: [MeanBag]) throws -> [Answer] {
        let fit = try #require(baselines.fits.first { $0.baseline == baseline })
        return test.compactMap { fit[$0.slide.slide] }
    }

    @Test func classesAreToldByTheMeanFeatures() throws {
        let (made, test) = try baselines(.class, 2) { hidden, _ in .class(hidden > 0 ? 1 : 0) }
        for baseline in Baseline.allCases {
            let found = try answers(made, baseline, test)
            let scores = found.compactMap(\.ofClass?.probabilities[1])
            let area = try #require(
                RankedScores(scores, positive: test.map { $0.slide.target.label == 1 }).auc(test.map { _ in 1 })
            )
            #expect(area > (baseline == .nearest ? 0.6 : 0.95), "\(baseline) \(area)")
            #expect(found.allSatisfy { $0.threshold != nil })
        }
        let linear = try #require(made.fits.first)
        #expect(Baseline.penalties.contains(try #require(linear.penalty)) && linear.width == nil)
        #expect(Baseline.widths.contains(try #require(made.fits.last?.width)))
    }

    @Test func equalBagsGiveEqualBytesAndAFileReadsBack() throws {
        let one = try baselines(.number, 1) { hidden, _ in .number(hidden * 10 + 4) }.0
        let other = try baselines(.number, 1) { hidden, _ in .number(hidden * 10 + 4) }.0
        let data = try CanonicalJSON.data(one)
        #expect(try CanonicalJSON.data(other) == data)
        #expect(try JSONDecoder().decode(FoldBaselines.self, from: data) == one)
    }

    @Test func numbersAreInTheirOwnUnit() throws {
        let (made, test) = try baselines(.number, 1) { hidden, _ in .number(hidden * 10 + 4) }
        let found = try answers(made, .linear, test).compactMap(\.ofNumber?.value)
        for (value, bag) in zip(found, test) { #expect(abs(value - (bag.slide.target.number ?? 0)) < 0.5) }
    }

    @Test func whatNothingTellsOfGetsTheStrongestPenalty() throws {
        func bags(_ part: String) throws -> [MeanBag] {
            try self.bags(part, 20) { hidden, _ in .number(hidden) }.map { MeanBag(slide: $0.slide, features: [3, 4]) }
        }
        let (training, test) = (try bags("train"), try bags("test"))
        let made = FoldBaselines(
            .number,
            classes: 1,
            training: training,
            validation: try bags("validation"),
            test: test,
            decidesByYouden: false
        )
        #expect(made.fits.first?.penalty == Baseline.penalties.first)
        let mean = training.reduce(0) { $0 + ($1.slide.target.number ?? 0) / 20 }
        let found = try answers(made, .linear, test).compactMap(\.ofNumber?.value)
        #expect(found.count == 20 && found.allSatisfy { abs($0 - mean) < 1e-9 })
    }

    @Test func theTestPartChoosesNothing() throws {
        let training = try bags("train", 60) { hidden, _ in .class(hidden > 0 ? 1 : 0) }
        let validation = try bags("validation", 30) { hidden, _ in .class(hidden > 0 ? 1 : 0) }
        func made(_ label: Int) throws -> FoldBaselines {
            FoldBaselines(
                .class,
                classes: 2,
                training: training,
                validation: validation,
                test: try bags("test", 10) { _, _ in .class(label) },
                decidesByYouden: true
            )
        }
        #expect(try made(0) == made(1))
    }

    @Test func gradesHaveProbabilitiesAndUnknownLabelsCountForNothing() throws {
        let (graded, test) = try baselines(.ordinal, 4) { hidden, _ in .ordinal(min(3, Int((hidden + 1) * 2))) }
        for baseline in Baseline.allCases {
            for case .ordinal(let answer) in try answers(graded, baseline, test) {
                #expect(answer.probabilities.count == 4 && answer.probabilities.allSatisfy { $0 >= 0 })
                #expect(abs(answer.probabilities.reduce(0, +) - 1) < 1e-12)
            }
        }
        // Of the one feature that tells them nothing leads astray: far from where a label begins every call is right.
        func bags(_ part: String, _ count: Int) throws -> [MeanBag] {
            try self.bags(part, count) { hidden, index in
                .labels([index % 3 == 0 ? nil : hidden > 0, index % 5 == 0 ? nil : hidden < 0.2])
            }
            .map { MeanBag(slide: $0.slide, features: [$0.features[0]]) }
        }
        let asked = try bags("test", 40)
        let labelled = FoldBaselines(
            .labels,
            classes: 2,
            training: try bags("train", 60),
            validation: try bags("validation", 30),
            test: asked,
            decidesByYouden: true
        )
        let found = try answers(labelled, .linear, asked).compactMap(\.ofLabels?.probabilities)
        let clear = zip(asked, found).filter { abs($0.0.features[0]) > 0.5 }
        #expect(found.count == asked.count && clear.count > 10)
        for (bag, chances) in clear {
            #expect((chances[0] > 0.5) == (bag.features[0] > 0) && (chances[1] > 0.5) == (bag.features[0] < 0))
        }
    }

    @Test func risksOrderTimesAndTellSurvival() throws {
        let (made, test) = try baselines(.survival, 1) { hidden, index in
            .survival(SurvivalTime(10 * (1.5 - hidden), isEvent: index % 4 != 0))
        }
        for baseline in Baseline.allCases {
            let found = try answers(made, baseline, test).compactMap(\.ofSurvival)
            let known = test.compactMap(\.slide.target.survival)
            let all = FollowUp(times: known.map(\.time), events: known.map(\.isEvent))
            let order = try Concordance.harrell(all, risks: found.map(\.risk)).value(known.map { _ in 1 }).get()
            #expect(order > (baseline == .nearest ? 0.55 : 0.9), "\(baseline) \(order)")
            #expect(found.allSatisfy { $0.survival.isEmpty == (baseline == .nearest) })
        }
    }

    @Test func withoutAValidationPartTheUsualPenaltyIsTakenAndSaid() throws {
        let made = FoldBaselines(
            .class,
            classes: 2,
            training: try bags("train", 20) { hidden, _ in .class(hidden > 0 ? 1 : 0) },
            validation: [],
            test: try bags("test", 5) { hidden, _ in .class(hidden > 0 ? 1 : 0) },
            decidesByYouden: true
        )
        let linear = try #require(made.fits.first)
        #expect(linear.penalty == Baseline.usual.penalty && linear.reason?.contains("usual") == true)
    }

    @Test func equalBagsHaveNoKernel() throws {
        let training = try bags("train", 6) { _, index in .class(index % 2) }.map { bag in
            MeanBag(slide: bag.slide, features: [1, 2])
        }
        let made = FoldBaselines(
            .class,
            classes: 2,
            training: training,
            validation: training,
            test: [],
            decidesByYouden: false
        )
        #expect(made.fits.last?.reason == "all training bags have the same mean features")
        #expect(made.fits.first?.reason == nil)
    }
}
