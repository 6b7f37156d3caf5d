import Foundation
import Records
import Testing

@testable import Config
@testable import Files
@testable import Messages
@testable import Pipeline

/// What the fingerprint of a fold depends on.
@Suite struct TrainingMaterialTests {
    private let material: TrainingMaterial

    init() throws {
        let slides = try (0..<8).map {
            CohortSlide(slide: try SlideID("s\($0)"), caseID: "p\($0)", target: .class($0 % 2))
        }
        let cohort = Cohort(classes: ["no", "yes"], slides: slides)
        material = TrainingMaterial(
            cohort: cohort,
            splits: try Splits.folds(2, of: cohort, seed: 1),
            features: Features(),
            encoder: EncoderChoice.texture.identity,
            facts: PatchFacts()
        )
    }

    private func config(_ more: String) throws -> PipelineConfig {
        let text = #"{"cohort": {"slides": "s", "labels": "l"}, "model": {"kind": "abmil"}\#(more)}"#
        return try JSONDecoder().decode(PipelineConfig.self, from: Data(text.utf8))
    }

    private func fingerprint(_ more: String) throws -> Fingerprint {
        let config = try config(more)
        let compared = try material.comparison(of: config)
        return try material.fingerprint(of: material.splits[0], config, comparing: compared)
    }

    @Test func onlyATrainingThatWarmsUpDependsOnTheRulesOfThat() throws {
        let key = "warmup"
        #expect(try fingerprint("").parameters[key] == nil)
        #expect(try fingerprint(#", "training": {"warmup_epochs": 0}"#).parameters[key] == nil)
        let rules = "\(Recipe.warmupRules)"
        #expect(try fingerprint(#", "training": {"warmup_epochs": 2}"#).parameters[key] == rules)
        #expect(try fingerprint(#", "training": {"plan": "auto"}"#).parameters[key] == rules)
        let search = #", "search": {"training": {"warmup_epochs": [null, 2]}}"#
        #expect(try fingerprint(search).parameters[key] == rules)
    }

    @Test func aCandidateHasTheFingerprintThatItWouldHaveAlone() throws {
        let config = try config(#", "search": {"training": {"warmup_epochs": [0, 2], "learning_rate": [1e-4, 1e-3]}}"#)
        let compared = try #require(try material.comparison(of: config))
        let split = material.splits[0]
        let own = try material.fingerprint(of: split, config, comparing: compared)
        let words = try #require(own.parameters["search"])
        let told = ["digest", "measure", "training.learning_rate", "training.warmup_epochs"]
        #expect(told.allSatisfy(words.contains), "\(words)")
        let run = try #require(SeedRun.all(of: config, in: JobLayout(root: URL(filePath: "job"))).first)
        let request = try material.request(run, split, own, comparing: compared, "1")
        let search = try #require(request.search)
        #expect(Set(search.candidates.map(\.fingerprint)).count == 4)
        for candidate in search.candidates {
            var alone = config
            (alone.model, alone.training, alone.search) = (candidate.config.model, candidate.config.training, nil)
            let whole = try material.fingerprint(of: split, alone, comparing: nil)
            #expect(try candidate.fingerprint == CanonicalJSON.fingerprint(whole))
        }
        // Another list, or another measure, is another search.
        var other = config
        other.search?.measure = .auc
        let changed = try material.fingerprint(of: split, other, comparing: material.comparison(of: other))
        #expect(changed.parameters["search"] != words)
    }
}
