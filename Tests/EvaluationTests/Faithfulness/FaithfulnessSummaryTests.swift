import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Config
@testable import Evaluation
@testable import Messages

@Suite struct FaithfulnessSummaryTests {
    private static func curves(_ gain: Double) -> DeletionMeasurement.Curves {
        let flat = DeletionCurve(removed: [0, 1], scores: [0, 0])
        return DeletionMeasurement.Curves(most: flat, least: flat, gain: gain)
    }

    private func deletion(_ gains: [String: Double], random: [Double]) -> DeletionMeasurement.Deletion {
        DeletionMeasurement.Deletion(maps: gains.mapValues(Self.curves), randomGains: random, random: nil)
    }

    /// Random gains from -1 to 1 around a centre.
    private func around(_ centre: Double) -> [Double] { (0..<39).map { centre + Double($0 - 19) / 19 } }

    private func slide(_ name: String, _ gains: [String: Double], centre: Double = 0) throws -> SlideFaithfulness {
        var measured = DeletionMeasurement(
            patches: 100,
            score: "the model's output",
            hasRunningSums: true,
            byPatch: deletion(gains, random: around(centre)),
            byRegion: nil
        )
        measured.sufficient = gains.mapValues { _ in .init(patches: 10, places: []) }
        measured.randomWeights = gains.mapValues { _ in 0.25 }
        return SlideFaithfulness(slide: try SlideID(name), folds: [0], prediction: "0", measured: measured)
    }

    private func summary(_ slides: [SlideFaithfulness], labels: [SlideID: Int] = [:]) -> FaithfulnessSummary {
        var evaluation = EvaluationConfig()
        evaluation.bootstrap = 200
        return FaithfulnessSummary(name: "m", slides, cases: [:], labels: labels, evaluation: evaluation, seed: 1)
    }

    @Test func gainsArePairedSlideBySlide() throws {
        let told = summary([
            try slide("a", ["attention": 3, "contribution": 4], centre: 1),
            try slide("b", ["attention": 1, "contribution": 2.5], centre: 2),
            try slide("c", ["attention": 5], centre: 0),
        ])
        let attention = try #require(told.byPatch["attention"])
        #expect(attention.slides == 3 && attention.gain.value == 3 && attention.lessAttention == nil)
        #expect(abs(try #require(attention.lessRandom?.value) - 2) < 1e-12 && attention.above == 2)
        let other = try #require(told.byPatch["contribution"])
        #expect(other.slides == 2 && other.gain.value == 3.25)
        // Of the two slides that have both.
        let lessRandom = try #require(other.lessRandom?.value)
        #expect(other.lessAttention?.value == 1.25 && abs(lessRandom - 1.75) < 1e-12)
        let interval = try #require(other.lessAttention?.interval)
        #expect(interval[0] >= 1 && interval[1] <= 1.5)
        let random = try #require(told.byPatch["random"])
        #expect(abs(try #require(random.gain.value) - 1) < 1e-12 && random.lessRandom == nil && random.above == nil)
        #expect(told.sufficient["attention"] == .init(slides: 3, patches: 10, share: 0.1))
        #expect(told.randomWeights["attention"]?.value == 0.25 && told.byRegion == nil && told.branches == nil)
        #expect(told.orders == 39)
        #expect(try JSONDecoder().decode(FaithfulnessSummary.self, from: CanonicalJSON.data(told)) == told)
    }

    @Test func aSlideIsLabelledWhereItsMapDoesNotBeatItsRandomOrders() throws {
        let within = try slide("a", ["attention": 0.5])
        #expect(within.standing() == .within)
        #expect(
            within.doubt
                == "this map does no better than chance at pointing to what the model used (gain 0.5, random 95 % -1 to 1)"
        )
        #expect(try slide("a", ["attention": 1.5]).doubt == nil)
        #expect(try slide("a", ["attention": -1.5]).doubt?.hasPrefix("this map does worse than chance") == true)
        // Of three random orders nobody knows 95 %.
        var few = within
        few.measured.byPatch.randomGains = [0, 0.1, 0.2]
        #expect(few.standing() == nil && few.doubt == nil)
        #expect(within.sufficiency() == "the 10 highest patches of 100 suffice for what was called")
        few.measured.hasRunningSums = false
        #expect(few.sufficiency() == "about the 10 highest patches of 100 suffice for what was called")
        few.measured.sufficient["attention"]?.patches = 1
        #expect(few.sufficiency() == "the highest patch of 100 suffices for what was called")
    }

    @Test func aSlideOfOnePatchCountsNowhere() throws {
        var single = try slide("one", ["attention": 0])
        single.measured.patches = 1
        #expect(single.standing() == nil && single.doubt == nil && single.sufficiency() == nil)
        let (two, all) = (try slide("a", ["attention": 3]), [try slide("b", ["attention": 1]), single])
        let told = summary([two] + all)
        #expect(told.slides == 2 && told.leftOut == ["one": "one patch, which has no order"])
        #expect(told.byPatch["attention"]?.slides == 2 && told.byPatch["attention"]?.gain.value == 2)
        #expect(told.sufficient["attention"]?.slides == 2)
        #expect(try CanonicalJSON.data(told).range(of: Data("left_out".utf8)) != nil)
        let none = summary([single])
        #expect(none.slides == 0 && none.byPatch["attention"]?.gain.value == nil && none.sufficient.isEmpty)
        #expect(summary([two]).leftOut == nil)
    }

    @Test func aFileIsOfOnePredictionAlone() throws {
        let scratch = try Scratch()
        let layout = JobLayout(root: scratch.folder)
        let (name, id) = (TrainingName("m"), try SlideID("a"))
        try AtomicFile.write("one", to: layout.prediction(of: name, id))
        var slide = try slide("a", ["attention": 0.5])
        #expect(try SlideFaithfulness.current(of: name, id, in: layout) == nil)
        slide.prediction = try Digest.sha256(fileAt: layout.prediction(of: name, id))
        try CanonicalJSON.write(slide, to: layout.faithfulness(of: name, id))
        #expect(try SlideFaithfulness.current(of: name, id, in: layout) == slide)
        try AtomicFile.write("another", to: layout.prediction(of: name, id))
        #expect(try SlideFaithfulness.current(of: name, id, in: layout) == nil)
        try AtomicFile.write("{", to: layout.faithfulness(of: name, id))
        #expect(try SlideFaithfulness.current(of: name, id, in: layout) == nil)
    }

    @Test func aBranchIsWorthWhatItsFoldLosesWithoutIt() throws {
        var slides: [SlideFaithfulness] = []
        var labels: [SlideID: Int] = [:]
        for place in 0..<6 {
            var slide = try slide("s\(place)", ["attention": 1])
            let positive = place % 2 == 1
            let right = positive ? 0.9 : 0.1
            func masked(_ branch: Int?, _ probability: Double, _ gain: Double) -> DeletionMeasurement.Masked {
                .init(fold: 2, branch: branch, probabilities: [1 - probability, probability], gain: gain)
            }
            // Without branch 0 the model is as good, without branch 1 it is upside down.
            slide.measured.branches = [masked(nil, right, 2), masked(0, right, 2.5), masked(1, 1 - right, 0.5)]
            labels[slide.slide] = positive ? 1 : 0
            slides.append(slide)
        }
        let branches = try #require(summary(slides, labels: labels).branches)
        #expect(branches.map(\.branch) == [0, 1] && branches.allSatisfy { $0.fold == 2 && $0.slides == 6 })
        #expect(branches.map(\.lessAUC.value) == [0, 1] && branches.map(\.lessGain.value) == [-0.5, 1.5])
        let unlabelled = try #require(summary(slides).branches)
        #expect(unlabelled.allSatisfy { $0.lessAUC.value == nil && $0.lessGain.value != nil })
    }

    @Test func theChartHasBothOrdersAndChance() throws {
        var slide = try slide("a", ["attention": 0.5])
        #expect(slide.chart("none") == nil)
        slide.measured.byPatch.random = DeletionCurve(removed: [0, 1], scores: [1, 0])
        let chart = try #require(slide.chart())
        for words in ["highest first", "lowest first", "at random"] { #expect(chart.contains(words)) }
    }
}
