import Config
import Files
import Foundation
public import Records
import Slides
public import Storage

/// What a job has on record about one slide and the models that predicted it, for a report.
public struct SlideRecord: Sendable {
    /// Of the slide and its patches.
    public private(set) var slide: [(String, String)] = []
    /// What was noticed about the slide's quality.
    public private(set) var flags: [String] = []
    /// Of the models.
    public private(set) var model: [(String, String)] = []
    /// What else a reader needs to repeat it.
    public private(set) var versions: [(String, String)] = []
    /// How the decision threshold came about; nil where there is none.
    public private(set) var thresholdSource: String?

    /// - Parameters:
    ///   - file: the slide's prediction, of several seeds their mean.
    ///   - models: whose prediction it is: one, or each seed.
    /// - Throws: errors of files that are there and cannot be read. What is not there, such as a model that was trained in
    ///   another job, is left out.
    public init(_ id: SlideID, in layout: JobLayout, prediction file: PredictionFile, of models: [TrainingName]) throws
    {
        try readSlide(id, layout, file)
        let cards = try models.flatMap { model in
            let training = layout.training(model)
            let used = try layout.record(of: id, stage: .predict(model))?.fingerprint
            return try file.folds.compactMap { fold -> JSONValue? in
                // Under the same name this job may hold another training than the one that predicted.
                guard let version = try TrainedStudy.checkpoint(fold, of: training)?.version,
                    used.map({ $0[checkpoint: fold] == version }) ?? true
                else { return nil }
                return try CanonicalJSON.read(JSONValue.self, from: training.fold(fold).file(.card))
            }
        }
        readModel(cards, file)
        versions += try models.map { ("Prediction", try Digest.sha256(fileAt: layout.prediction(of: $0, id))) }
    }

    private mutating func readSlide(_ id: SlideID, _ layout: JobLayout, _ file: PredictionFile) throws {
        if let grid = file.grid {
            let mpp = grid.scale.mpp.formatted(
                .number.precision(.fractionLength(0...4)).locale(Locale(identifier: "en"))
            )
            slide += [
                ("Size", "\(grid.slideSize.width) × \(grid.slideSize.height) pixels"),
                ("Scale", "\(mpp) µm per pixel, from \(grid.scale.source.rawValue)"),
                ("Patches", "\(grid.corners.count) of \(grid.geometry.patchSize) pixels at \(grid.geometry.mpp) µm"),
            ]
        }
        guard let tiled = try layout.record(of: id, stage: .tile) else { return }
        if let vendor = tiled[.vendor] { slide.append(("Format", vendor)) }
        for figure in QualityColumn.figures {
            guard let title = figure.title, let value = tiled[figure.name] else { continue }
            slide.append((title, figure.words(value)))
        }
        if let quality = tiled[.quality] { flags.append(quality) }
        if let digest = tiled.fingerprint[.slide] { versions.append(("Slide (quick digest)", digest)) }
        versions += tiled.outputs.sorted { $0.key < $1.key }.filter { $0.key.hasSuffix(".h5") }
            .map { ("Patch grid", $0.value) }
    }

    private mutating func readModel(_ cards: [JSONValue], _ file: PredictionFile) {
        if let belonging = file.belonging, let note = belonging.note {
            // That nothing can be told is no fault of the slide.
            if belonging.verdict == .unlike {
                flags.append(note)
            } else {
                model.append(("Beside the training’s slides", note))
            }
        }
        model += file.accepted.map {
            ("Differs from the training", "\($0.member.words): \($0.first), trained at \($0.second)")
        }
        if file.isSideInferred, let side = file.sideLevel0 {
            slide.append(("Side of a patch", "\(side) level-0 pixels, inferred from the distance of patches"))
        }
        let encoder = PatchFacts.Encoder(name: file.attributes["wsi_encoder"]) { file.attributes[$0] }
        if let name = encoder.name {
            model.append(("Encoder", name))
            if let licence = encoder.licence { model.append(("Encoder licence", licence)) }
            versions.append(("Encoder", encoder.digest ?? ""))
        }
        guard let first = cards.first else { return }
        func words(_ key: String) -> String? { first[key]?.words }
        model += [("Model", words("model")), ("Recipe", words("recipe"))].compactMap { name, text in
            text.map { (name, $0) }
        }
        for card in cards {
            let seed =
                cards.contains { $0["seed"] != first["seed"] } ? card["seed"].map { " of seed \($0.words)" } : nil
            let fold = (card["fold"]?.words ?? "?") + (seed ?? "")
            let parts = ["train", "validation", "calibration", "test"].compactMap { part in
                card["parts"]?[part]?["slides"].map { "\(part): \($0.words)" }
            }
            model.append(("Fold \(fold), slides", parts.joined(separator: "; ")))
            if let auc = card["metrics"]?["test"]?["auc"], let value = auc["value"]?.number {
                let interval = auc["interval"].map { " (interval \($0.words))" } ?? ""
                model.append(("Fold \(fold), test AUC", String(format: "%.3f", value) + interval))
            }
            if let digest = card["weights_sha256"]?.string { versions.append(("Weights of fold \(fold)", digest)) }
        }
        if let version = first["provenance"]?["wsi_version"]?.string { versions.append(("wsi", version)) }
        thresholdSource =
            file.prediction.answer.threshold == nil ? nil : first["threshold_source"]?.string.map(Self.words)
    }

    private static func words(_ source: String) -> String {
        switch source {
        case "validation_youden": "Youden’s cut on the validation part"
        case "test_youden": "Youden’s cut on the TEST part itself"
        default: source.replacing("_", with: " ")
        }
    }
}
