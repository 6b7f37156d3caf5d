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

    /// - Parameter compared: what the config's search compares; nil without one.
    func fingerprint(
        of split: Split,
        _ config: PipelineConfig,
        comparing compared: SearchComparison?
    ) throws -> Fingerprint {
        let slides = (split.train + split.validation + split.test).sorted()
        var fingerprint = Fingerprint(
            stage: StageName.Kind.train.rawValue,
            parameters: try parameters(of: config, comparing: compared),
            inputs: [:]
        )
        fingerprint[.labels] = try CanonicalJSON.fingerprint(cohort)
        fingerprint[.split] = try CanonicalJSON.fingerprint(split)
        fingerprint[.features] = try CanonicalJSON.fingerprint(slides.map { features.versions[$0] ?? "" })
        return fingerprint
    }

    /// What a config says of a training.
    private func parameters(
        of config: PipelineConfig,
        comparing compared: SearchComparison?
    ) throws -> [String: String] {
        let cut = config.cohort
        var training = config.training
        // Which of the GPUs it was changes nothing.
        training.device = training.device.kind
        var parameters = [
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
        ]
        parameters["calibration_fraction"] = config.evaluation.calibrationFraction.map { "\($0)" }
        let trained = compared?.candidates.map { ($0.model, $0.training) } ?? [(config.model, training)]
        if training.plan == .auto || trained.contains(where: { $1.plan == .auto }) {
            parameters["plan"] = "\(TrainingPlan.currentRules)"
        }
        if trained.contains(where: warmsUp) { parameters["warmup"] = "\(Recipe.warmupRules)" }
        parameters["search"] = compared?.words
        return parameters
    }

    /// Whether the rate of the first steps rises, or may, as a plan has it.
    private func warmsUp(_ model: ModelConfig, _ training: TrainingConfig) -> Bool {
        if training.plan == .auto { return true }
        let classes = cohort.classes.count
        return training.recipe(for: model, featureWidth: 0, classes: classes).warmupEpochs > 0
    }

    /// - Parameter fingerprint: of this fold.
    func request(
        _ run: SeedRun,
        _ split: Split,
        _ fingerprint: Fingerprint,
        comparing compared: SearchComparison?,
        _ version: String
    ) throws -> TrainRequest {
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
        request.search = try compared.map { try search($0, run.config, fingerprint) }
        return request
    }
}

/// What every fold of a seed compares, and by what: all that its choice depends on.
struct SearchComparison: Sendable {
    let measure: Recipe.Selection
    let candidates: [SearchCandidate]
    /// As JSON, of which two say in what two searches differ: the measure, each key with the values that were tried, and a digest of
    /// all that the choice depends on.
    let words: String

    /// Of the digest among a training's parameters.
    static let digestKey = "search.digest"

    private struct Whole: Encodable {
        var measure: Recipe.Selection
        var candidates: [SearchCandidate]
    }

    init(measure: Recipe.Selection, candidates: [SearchCandidate]) throws {
        (self.measure, self.candidates) = (measure, candidates)
        let digest = try CanonicalJSON.fingerprint(Whole(measure: measure, candidates: candidates))
        var words: [String: JSONValue] = ["digest": .string(digest), "measure": .string(measure.rawValue)]
        for setting in candidates.flatMap(\.settings) {
            // Whole models are listed in `search.models`.
            let key = setting.key == "model" ? "models" : setting.key
            var values: [JSONValue] = []
            if case .array(let known)? = words[key] { values = known }
            if !values.contains(setting.value) { words[key] = .array(values + [setting.value]) }
        }
        self.words = String(decoding: try CanonicalJSON.line(words), as: UTF8.self)
    }
}

// A search among configs.
extension TrainingMaterial {
    /// - Returns: nil without a search. Of many candidates it takes its time: once for a seed is enough.
    func comparison(of config: PipelineConfig) throws -> SearchComparison? {
        guard let search = config.search, let candidates = try config.candidates else { return nil }
        return try SearchComparison(
            measure: search.measure(candidates, classes: cohort.classes.count, kind: cohort.selectionKind),
            candidates: candidates.map { candidate in
                var candidate = candidate
                candidate.training.device = candidate.training.device.kind
                return candidate
            }
        )
    }

    /// A candidate's fingerprint is that of the fold with other parameters: what is read is the same.
    private func search(
        _ compared: SearchComparison,
        _ config: PipelineConfig,
        _ fold: Fingerprint
    ) throws -> FoldSearch {
        FoldSearch(
            measure: compared.measure,
            candidates: try compared.candidates.map { candidate in
                var (alone, own) = (config, fold)
                (alone.model, alone.training, alone.search) = (candidate.model, candidate.training, nil)
                own.parameters = try parameters(of: alone, comparing: nil)
                return FoldSearch.Candidate(config: candidate, fingerprint: try CanonicalJSON.fingerprint(own))
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
