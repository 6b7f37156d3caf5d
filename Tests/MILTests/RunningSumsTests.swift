import Evaluation
import Foundation
import Records
import TestSupport
import Testing
import Torch

@testable import Config
@testable import MIL
@testable import Messages

@Suite struct RunningSumsTests {
    private static let pooled = [
        #"{"kind": "abmil", "hidden": 16}"#, #"{"kind": "abmil", "hidden": 16, "gated": false}"#,
        #"{"kind": "acmil", "hidden": 16, "branches": 3}"#, #"{"kind": "clam", "hidden": 16}"#,
        #"{"kind": "clam", "variant": "mb", "hidden": 16}"#, #"{"kind": "mean", "hidden": 16}"#,
        #"{"kind": "mhim", "hidden": 16, "attention_hidden": 8}"#,
    ]

    private func model(_ json: String) throws -> any MILModel {
        let config = try JSONDecoder().decode(ModelConfig.self, from: Data(json.utf8))
        return try config.model(featureWidth: 6, classes: 3, from: SineParameters(scale: 0.3))
    }

    @Test(arguments: pooled) func sumsOverAPartAreTheModelRunOnIt(json: String) throws {
        let model = try model(json)
        let weighed = try #require(model as? any WeighedPooling)
        for count in [1, 60, Blockwise.rows + 40] {
            let features = try chirpBag(count)
            let pooled = try #require(try withoutGrad { try weighed.runningSums(features) })
            let order = RelevanceOrder.random(try SlideID("s"), 0, count: count)
            let removal = Removal(order, steps: 20)
            let told = pooled.outputs(removal)
            #expect(pooled.count == count && told.count == removal.groups.count)
            for (step, found) in told.enumerated() {
                let left = removal.groups[step...].joined().sorted()
                let rest = try features.indexSelect(dim: 0, left)
                let wanted = try withoutGrad { try model(rest).logits.floats() }
                #expect(agree(found.map { Float($0) }, wanted), "\(left.count) of \(count): \(found) \(wanted)")
            }
        }
    }

    @Test func whatMixesPatchesIsRunOnWhatIsLeft() throws {
        let models = [
            #"{"kind": "abmil", "hidden": 16, "reembedding": {"regions": 2, "heads": 2, "cross_heads": 2}}"#,
            #"{"kind": "max", "hidden": 16}"#, #"{"kind": "transmil", "hidden": 16}"#,
            #"{"kind": "dtfd", "hidden": 16}"#, #"{"kind": "dsmil"}"#,
            #"{"kind": "rrt", "hidden": 16, "reembedding": {"regions": 2, "heads": 2, "cross_heads": 2}}"#,
        ]
        for json in models {
            let weighed = try model(json) as? any WeighedPooling
            let pooled = try withoutGrad { try weighed?.runningSums(chirpBag(30)) }
            #expect(pooled == nil, "\(json)")
        }
    }

    @Test func aModelWithoutABranchIsTheMeanOfTheOthers() throws {
        let model = try #require(try model(#"{"kind": "acmil", "hidden": 16, "branches": 3}"#) as? ACMIL)
        let features = try chirpBag(50)
        let pooled = try #require(try withoutGrad { try model.runningSums(features) })
        #expect(pooled.averaged == 3)
        let rows = try withoutGrad { try model(features).rows().floats() }
        let map = (0..<50).map { (rows[$0] + rows[100 + $0]) / 2 }
        #expect(agree(pooled.masking(1).map.map { Float($0) }, map))
        #expect(pooled.masking(1).outputs(keeping: Array(0..<50)) != pooled.outputs(keeping: Array(0..<50)))
    }
}

@Suite struct MapDeletionTests {
    private func ends(_ stored: StoredProblem, _ slides: [CohortSlide]) throws -> [FaithfulnessEnd] {
        let items = slides.map { slide in
            FaithfulnessRequest.Item(
                slide: slide.slide,
                features: stored.features[slide.slide.text] ?? "",
                prediction: stored.scratch.file("predictions/\(slide.slide.text).h5").path,
                folds: [0]
            )
        }
        var ends: [FaithfulnessEnd] = []
        try MapDeletion(FaithfulnessRequest(model: stored.scratch.folder.path, items: items)).run { ends.append($0) }
        return ends
    }

    /// Sixteen shifted patches make a slide positive, and the map finds them.
    @Test func aMapThatFindsThePatchesBeatsChance() throws {
        let stored = try StoredProblem()
        try stored.train(0..<1)
        var request = stored.request { _ in [0] }
        request.explain = [.contribution]
        try Inference(request).run { _ in }
        let tested = Set(stored.problem.splits[0].test)
        let slides = stored.problem.cohort.slides.filter { tested.contains($0.slide) && $0.target.label == 1 }
        let ends = try ends(stored, slides)
        #expect(ends.map(\.slide) == slides.map(\.slide))
        for end in ends {
            guard case .measured(let told) = end.way else {
                Issue.record("\(end)")
                continue
            }
            #expect(told.hasRunningSums && told.patches == 96 && told.score.contains("logit of"))
            #expect(Set(told.byPatch.maps.keys) == ["attention", "contribution"])
            #expect(told.byPatch.randomGains.count == 39 && told.byRegion?.randomGains.count == 39)
            let random = try #require(told.byPatch.random95)
            #expect(try #require(told.byPatch.maps["contribution"]).gain > random.upperBound, "\(end.slide)")
            #expect(told.branches.count == 6 && told.branches[0].branch == nil)
            #expect(Set(told.randomWeights.keys).isSubset(of: ["attention", "contribution"]))
            let curve = try #require(told.byPatch.maps["attention"]).most
            #expect(curve.removed.first == 0 && curve.removed.count == curve.scores.count)
            if let enough = told.sufficient["contribution"] {
                #expect((1...96).contains(enough.patches) && enough.places.count == min(50, enough.patches))
            }
        }
    }

    @Test func aPredictionOfOtherPatchesIsRefusedAlone() throws {
        var stored = try StoredProblem()
        try stored.train(0..<1)
        try Inference(stored.request { _ in [0] }).run { _ in }
        let slides = Array(stored.problem.cohort.slides.prefix(2))
        let few = Bag(unit: "x", parts: [], width: 8, features: [Float](repeating: 1, count: 40))
        stored.features[slides[0].slide.text] = try StoredProblem.write(few, slides[0].slide, stored.scratch.folder)
        let ends = try ends(stored, slides)
        guard case .failed(let failure) = ends[0].way, case .measured = ends[1].way else {
            Issue.record("\(ends)")
            return
        }
        #expect(failure.message.contains("its prediction is of 96 patches and its features are of 5"), "\(failure)")
    }
}
