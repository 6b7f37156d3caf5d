import Files
import Foundation
import Records
import Storage

/// Whether the results of a job still follow from what they were made of, as far as its records tell. Slides are not looked
/// at, nor are results compared with their files; `Outcome.damage` does that.
final class Lineage {
    let layout: JobLayout
    /// Of the job whose features and trainings are used: another one's for finer maps.
    private let owner: Lineage?
    private let models: ModelLineage
    /// Where outputs are looked for as records are read; nil: nowhere.
    private let outputs: OpenFolder?
    private var stages: [StageName: KnownOutcomes] = [:]
    private var ahead: RecordsAhead?
    private var knownStages: [[StageName]]?
    private var trainings: [StageName: TrainingName] = [:]
    private var lastVersions: LastVersions?

    /// - Parameters:
    ///   - scrutiny: whether another tool's features are digested even where nothing says that they were changed.
    ///   - outputs: whether briefs tell that outputs are there.
    init(_ layout: JobLayout, _ scrutiny: Scrutiny = .size, outputs: Bool = false) {
        self.layout = layout
        self.outputs = outputs ? OpenFolder(layout.root) : nil
        owner = layout.owner.map { Lineage($0, scrutiny) }
        models = ModelLineage(layout.owner ?? layout, scrutiny)
    }

    /// Begins to read all records of these stages, in their order, beside what is done meanwhile: looking for the trainings that they
    /// tell of.
    func readAhead(_ stages: [StageName]) {
        ahead = RecordsAhead(stages) { [layout, outputs] in try Self.briefs($0, in: layout, outputs) }
        for stage in stages where stage.kind == .train || stage.kind == .predict {
            // Whoever asks for it is told what is wrong with it.
            _ = try? models.origin(layout.training(stage.training))
        }
    }

    func outcomes(_ stage: StageName) throws -> KnownOutcomes {
        if let read = stages[stage] { return read }
        let read = KnownOutcomes(try ahead?.take(stage) ?? Self.briefs(stage, in: layout, outputs))
        stages[stage] = read
        return read
    }

    private static func briefs(
        _ stage: StageName,
        in layout: JobLayout,
        _ outputs: OpenFolder?
    ) throws -> [OutcomeBrief] {
        let folder = BriefFolder(stage, in: layout, outputs: outputs)
        let all = try Stage.records(stage, in: layout) { name in
            let brief = try folder.brief(named: name)
            return (brief.unit, brief)
        }
        return all.sorted { $0.unit < $1.unit }
    }

    /// nil where a stage has no result of a unit.
    func version(_ stage: StageName, _ unit: UnitID) throws -> String? { try outcomes(stage)[unit]?.version }

    /// What is another one by now than when the result was made, by the names of its inputs: a result's own, or those of the
    /// results that it was made from. Empty: it follows.
    func changes(of outcome: OutcomeBrief) throws -> [String] {
        switch outcome.kind {
        case .features: try changes(ofFeatures: outcome)
        case .train: try changes(ofFold: outcome)
        case .predict: try changes(ofPrediction: outcome)
        case .heatmap: try changes(ofHeatmap: outcome)
        case .ensemble: try changes(ofEnsemble: outcome)
        case .evaluate: try changes(ofMetrics: outcome)
        case .summarise: try changes(ofSummary: outcome)
        case .tile, nil: []
        }
    }

    func changes(of outcome: Outcome) throws -> [String] {
        try changes(of: OutcomeBrief(outcome, isVersioned: false))
    }

    /// As `changes(of:)`, of what is on record of a unit.
    func changes(_ stage: StageName, _ unit: UnitID) throws -> [String] {
        try outcomes(stage).changes(unit) { try changes(of: $0) } ?? []
    }

    /// Whether a prediction can be shown or judged: its file is what was written, and it is of the models and features that
    /// there are now.
    func refusal(ofPrediction outcome: Outcome, _ scrutiny: Scrutiny = .digest) throws -> Refusal? {
        let damaged = try outcome.refusal(in: layout, scrutiny, command: { try self.command(of: outcome.stage) })
        if let damaged { return damaged }
        let brief = try OutcomeBrief(outcome, isVersioned: false)
        let changes = try changes(of: brief)
        guard !changes.isEmpty else { return nil }
        return Refusal(
            unit: outcome.unit,
            cause: .age,
            reason: "its prediction is older than \(changes.joined(separator: ", "))",
            remedy: try remedy(for: brief, changes)
        )
    }

    /// `JobLayout.command`, with what predictions took from outside the job.
    func command(of stage: StageName) throws -> String {
        let usual = layout.command(of: stage)
        guard stage.kind == .predict || stage.kind == .ensemble, owner == nil else { return usual }
        let (own, sources) = (layout.training(stage.training), try models.sources(stage.training))
        let isOwn = try sources.models.isEmpty || RegularFile.exists(own.file(.study))
        let text = isOwn ? usual : "wsi predict \(layout.root.path) --model \(sources.models.last ?? stage.subject)"
        return text + (sources.features.last.map { " --features \($0)" } ?? "")
    }

    /// What brings a stale result up to date, from the first command to the last.
    func remedy(for outcome: OutcomeBrief, _ changes: [String]) throws -> String {
        // What has no training any more cannot be brought up to date.
        if changes == [ModelLineage.training] {
            return "run wsi predict \(layout.root.path) with a --model that is in its training folder now"
        }
        let own = try command(of: outcome.stage)
        // Predicting joins anew whatever stands there.
        if outcome.stage.kind == .ensemble, try !isBehind(outcome.stage) { return "run \(own)" }
        let again = "\(own) --redo"
        // A finer map makes its own predictions.
        if outcome.stage.kind == .heatmap, owner == nil {
            let shown = try origin(of: outcome)?.compactMap { try outcomes($0)[outcome.unit] } ?? []
            let stale = try shown.filter { try !self.changes(of: $0).isEmpty }
            if !stale.isEmpty {
                let before = try stale.map { try remedy(for: $0, self.changes(of: $0)) }
                return "\(before.joined(separator: ", then ")), then \(again)"
            }
        }
        guard changes.contains(Input.patches.rawValue), outcome.stage.kind != .features else { return "run \(again)" }
        let made = try Self.stages(in: layout, of: .features)
        let features = made.count == 1 ? try command(of: made[0]) : "wsi features for it"
        return "run \(features) --redo, then \(again)"
    }

    private typealias Input = Fingerprint.Input

    private func changes(ofFeatures outcome: OutcomeBrief) throws -> [String] {
        let wanted = try version(.tile, outcome.unit)
        return outcome[.patches] == wanted ? [] : [Input.patches.rawValue]
    }

    /// Of the features of a split; its labels are not known here.
    private func changes(ofFold outcome: OutcomeBrief) throws -> [String] {
        guard let (model, fold) = models.place(of: outcome), let origin = try models.origin(model),
            let split = origin.study.splits.first(where: { $0.fold == fold })
        else { return [] }
        let slides = (split.train + split.validation + split.test).sorted()
        let digest = outcome[.features]
        if origin.isForeign {
            let foreign = try models.areForeign(slides, of: origin, since: written(outcome)) {
                try CanonicalJSON.fingerprint(texts: $0) == digest
            }
            return foreign == false ? [Input.features.rawValue] : []
        }
        return try foldChanges(slides, origin.encoder, from: digest)
    }

    /// What all folds of a training ask for that has thousands of slides.
    private struct LastVersions {
        var stage: StageName
        var slides: [SlideID]
        var fingerprint: String
        var areStale: Bool
    }

    /// As `ownChanges`, of the features of a fold.
    private func foldChanges(_ slides: [SlideID], _ encoder: String, from digest: String?) throws -> [String] {
        let stage = StageName.features(encoder)
        let known = lastVersions.flatMap { $0.stage == stage && $0.slides == slides ? $0 : nil }
        let last =
            try known
            ?? LastVersions(
                stage: stage,
                slides: slides,
                fingerprint: CanonicalJSON.fingerprint(texts: slides.map { try version(stage, UnitID($0)) ?? "" }),
                areStale: slides.contains { try !changes(stage, UnitID($0)).isEmpty }
            )
        lastVersions = last
        guard last.fingerprint == digest else { return [Input.features.rawValue] }
        return last.areStale ? [Input.patches.rawValue] : []
    }

    /// - Parameter isSame: whether these versions of the slides' features, in their order, are those that were used.
    private func ownChanges(
        _ slides: [SlideID],
        _ encoder: String,
        isSame: ([String]) throws -> Bool
    ) throws -> [String] {
        let stage = StageName.features(encoder)
        guard try isSame(slides.map { try version(stage, UnitID($0)) ?? "" }) else { return [Input.features.rawValue] }
        let stale = try slides.contains { try !changes(stage, UnitID($0)).isEmpty }
        return stale ? [Input.patches.rawValue] : []
    }

    private func changes(ofPrediction outcome: OutcomeBrief) throws -> [String] {
        let name = training(outcome.stage)
        var (origin, changes) = try models.changes(of: outcome, name)
        if let origin { changes += try featureChanges(outcome, origin, try models.sources(name)) }
        if let finer = outcome[.finer], let origin {
            let wanted = try version(StageName.features(origin.encoder), outcome.unit)
            if wanted != finer { changes.append(Input.finer.rawValue) }
        }
        return changes
    }

    /// Asked for each of thousands of slides.
    private func training(_ stage: StageName) -> TrainingName {
        if let known = trainings[stage] { return known }
        let name = stage.training
        trainings[stage] = name
        return name
    }

    private func featureChanges(
        _ outcome: OutcomeBrief,
        _ origin: ModelLineage.Origin,
        _ sources: PredictionSources
    ) throws -> [String] {
        let records = owner ?? self
        let made = try records.outcomes(StageName.features(origin.encoder))
        let bag = origin.bag(of: outcome.slide)
        let digest = outcome[.features]
        func isSame(_ versions: [String]) throws -> Bool {
            try (bag == nil ? versions.first ?? "" : CanonicalJSON.fingerprint(versions)) == digest
        }
        let slides = bag ?? [outcome.slide]
        let foreign = try models.areForeign(slides, of: origin, sources, since: written(outcome), isSame)
        if foreign == true { return [] }
        // Where nothing is left to compare with, nothing is known to differ.
        let hasOwn = !origin.isForeign && !made.all.isEmpty
        guard hasOwn else { return foreign == nil ? [] : [Input.features.rawValue] }
        let own = slides.filter { made[UnitID($0)]?.status == .ok }
        return try records.ownChanges(own, origin.encoder, isSame: isSame)
    }

    /// A map may follow from any prediction of its slide, or from those of several seeds together (`HeatmapStage`).
    private func changes(ofHeatmap outcome: OutcomeBrief) throws -> [String] {
        guard let origin = try origin(of: outcome) else { return [Input.prediction.rawValue] }
        var changes: [String] = []
        for stage in origin { changes += try self.changes(stage, outcome.unit).filter { !changes.contains($0) } }
        let tiled = try outcomes(.tile)[outcome.unit]
        if let known = outcome[.slide], known != tiled?[.slide] ?? "" {
            changes.append(Input.slide.rawValue)
        }
        if let known = outcome[.tissue], known != tiled?.outlines {
            changes.append(Input.tissue.rawValue)
        }
        // A report without the key was made before anything was said.
        if outcome.stage.output == HeatmapConfig.Output.report.rawValue,
            try outcome[.decisions] != DecisionsDigest.of(outcome.slide, in: layout)
        {
            changes.append(Input.decisions.rawValue)
        }
        if let known = outcome[.tiling], known != tiled?.version { changes.append(Input.tiling.rawValue) }
        return changes
    }

    /// The stages of the predictions that a map shows; nil where they are no more.
    private func origin(of map: OutcomeBrief) throws -> [StageName]? {
        for group in try predictStages() {
            let stages = try group.filter { try version($0, map.unit) != nil }
            let versions = try stages.compactMap { try version($0, map.unit) }
            guard let first = versions.first else { continue }
            let shown = versions.count == 1 ? first : try CanonicalJSON.fingerprint(versions)
            if shown == map[.prediction] { return stages }
        }
        return nil
    }

    /// Each stage of predictions by itself, and those of all seeds of a training in the order of the seeds.
    private func predictStages() throws -> [[StageName]] {
        if let knownStages { return knownStages }
        let names = try Self.stages(in: layout, of: .predict)
        let seeds = Dictionary(grouping: names.filter { $0.training.seed != nil }, by: \.training.study).values
        let several = seeds.map { $0.sorted { $0.training < $1.training } }
        let found = names.map { [$0] } + several.filter { $0.count > 1 }
        knownStages = found
        return found
    }

    private func written(_ outcome: OutcomeBrief) -> Int64 {
        FileFacts(layout.outcome(stage: outcome.stage, outcome.unit).path)?.written ?? 0
    }
}
