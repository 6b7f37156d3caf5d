import Config
import Files
import Foundation
import Messages
import Records
import Storage

/// What the folds of a study are trained on, the same for every seed.
struct TrainingMaterial: Sendable {
    /// The labelled slides that have features.
    var cohort: Cohort
    /// By slide, whatever the unit is.
    var splits: [Split]
    var features: Features
    var encoder: EncoderIdentity
    /// What most of the features say of themselves.
    var facts: PatchFacts

    func fingerprint(of split: Split, _ config: PipelineConfig) throws -> Fingerprint {
        let slides = (split.train + split.validation + split.test).sorted()
        let cut = config.cohort
        var training = config.training
        // Which of the GPUs it was changes nothing.
        training.device = training.device.kind
        var fingerprint = Fingerprint(
            stage: StageName.Kind.train.rawValue,
            parameters: [
                "model": String(decoding: try CanonicalJSON.line(config.model), as: UTF8.self),
                "training": String(decoding: try CanonicalJSON.line(training), as: UTF8.self),
                "threshold": config.evaluation.threshold.rawValue,
                "protocol": config.evaluation.protocol.rawValue,
                "encoder": encoder.name,
                "unit": cut.unit.rawValue,
                "folds": cut.folds.map { "\($0)" } ?? "",
                "val_fraction": "\(cut.valFraction)",
                "split_seed": "\(cut.seed)",
                "test_slides": cut.testSlides ?? "",
                "monte_carlo": cut.monteCarlo.map { "\($0) of \(cut.testFraction)" } ?? "",
                "site": cut.site ?? "",
                "classes": cohort.classes.joined(separator: ", "),
            ],
            inputs: [:]
        )
        let searched = try comparison(of: config)
        if training.plan == .auto || searched?.candidates.contains(where: { $0.training.plan == .auto }) == true {
            fingerprint.parameters["plan"] = "\(TrainingPlan.currentRules)"
        }
        if let searched {
            fingerprint.parameters["search"] = String(decoding: try CanonicalJSON.line(searched), as: UTF8.self)
        }
        fingerprint[.labels] = try CanonicalJSON.fingerprint(cohort)
        fingerprint[.split] = try CanonicalJSON.fingerprint(split)
        fingerprint[.features] = try CanonicalJSON.fingerprint(slides.map { features.versions[$0] ?? "" })
        return fingerprint
    }

    func request(_ run: SeedRun, _ split: Split, _ fingerprint: Fingerprint, version: String) throws -> TrainRequest {
        let byCase = run.config.cohort.unit == .case
        var training = run.config.training
        training.device = training.device.kind
        var request = TrainRequest(
            name: run.name.text,
            cohort: byCase ? try cohort.byCase() : cohort,
            split: byCase ? try split.byCase(of: cohort) : split,
            features: Dictionary(uniqueKeysWithValues: features.files.map { ($0.key.text, $0.value.path) }),
            parts: byCase ? cohort.cases.mapValues { $0.map(\.slide) } : nil,
            encoder: EncoderFacts(
                name: encoder.name,
                digest: encoder.digest,
                licence: encoder.licence,
                isHandcrafted: encoder.name == EncoderChoice.texture.identity.name
            ),
            facts: facts,
            model: run.config.model,
            training: training,
            evaluation: run.config.evaluation,
            output: run.folder.fold(split.fold).url.path,
            fingerprint: try CanonicalJSON.fingerprint(fingerprint),
            provenance: fingerprint.inputs.merging(["wsi_version": version]) { $1 }
        )
        request.search = try search(of: split, run.config)
        return request
    }
}

// A search among configs.
extension TrainingMaterial {
    /// What a fold compares, and by what: all that its choice depends on.
    private struct Comparison: Codable {
        var measure: Recipe.Selection
        var candidates: [SearchCandidate]
    }

    private func comparison(of config: PipelineConfig) throws -> Comparison? {
        guard let search = config.search, let candidates = try config.candidates else { return nil }
        return Comparison(
            measure: search.measure(candidates, classes: cohort.classes.count, kind: cohort.selectionKind),
            candidates: candidates.map { candidate in
                var candidate = candidate
                candidate.training.device = candidate.training.device.kind
                return candidate
            }
        )
    }

    private func search(of split: Split, _ config: PipelineConfig) throws -> FoldSearch? {
        guard let comparison = try comparison(of: config) else { return nil }
        return FoldSearch(
            measure: comparison.measure,
            candidates: try comparison.candidates.map { candidate in
                var alone = config
                (alone.model, alone.training, alone.search) = (candidate.model, candidate.training, nil)
                let fingerprint = try CanonicalJSON.fingerprint(fingerprint(of: split, alone))
                return FoldSearch.Candidate(config: candidate, fingerprint: fingerprint)
            }
        )
    }
}

extension Split {
    func keeping(_ slides: Set<SlideID>) -> Split {
        Split(
            fold: fold,
            train: train.filter(slides.contains),
            validation: validation.filter(slides.contains),
            test: test.filter(slides.contains)
        )
    }

    /// The same split with cases for slides.
    func byCase(of cohort: Cohort) throws -> Split {
        let owner = Dictionary(uniqueKeysWithValues: cohort.slides.map { ($0.slide, $0.caseID) })
        func cases(_ slides: [SlideID]) throws -> [SlideID] {
            try Set(slides.compactMap { owner[$0] }).map { try SlideID($0) }.sorted()
        }
        return Split(fold: fold, train: try cases(train), validation: try cases(validation), test: try cases(test))
    }
}
