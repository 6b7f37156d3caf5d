import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// A job of two slides, written by hand: pictures of their tiling, a training of two folds, predictions and maps.
struct SmallJob {
    let scratch: Scratch
    let layout: JobLayout
    /// Where the files that are no slides lie that were tiled.
    var slides: URL { scratch.file("slides") }

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
        for id in ["a", "b"] { try tile(id) }
        try train()
        for id in ["a", "b"] {
            try predict(id)
            let map = file("heatmaps/m/\(id).png")
            try AtomicFile.write("map of \(id)", to: map)
            let version = try #require(try layout.record(of: SlideID(id), stage: StageName("predict_m"))).version()
            try record("heatmap_m", id, inputs: ["prediction": version], [map])
        }
    }

    func file(_ path: String) -> URL { layout.root.appending(path: path) }

    func verified(slides: Bool = false) throws -> VerifyReport {
        try Verification(layout: layout, slides: slides).run(progress: { _ in })
    }

    /// The faults, `kind path`, and what the command would end with.
    func faults(slides: Bool = false) throws -> ([String], Records.ExitStatus) {
        let report = try verified(slides: slides)
        let faults = report.findings.filter(\.kind.isFault).map { "\($0.kind.rawValue) \($0.path)" }
        return (faults, report.exitStatus(strict: false))
    }

    @discardableResult
    func record(
        _ stage: String,
        _ id: String,
        parameters: [String: String] = [:],
        inputs: [String: String] = [:],
        _ files: [URL]
    ) throws -> Outcome {
        var outcome = Outcome(
            unit: try UnitID(id),
            stage: StageName(stage),
            status: .ok,
            fingerprint: fingerprint(stage, inputs, parameters)
        )
        try outcome.record(files, in: layout)
        try CanonicalJSON.write(outcome, to: layout.outcome(stage: StageName(stage), outcome.unit))
        return outcome
    }

    /// Writes an outcome anew.
    func change(_ stage: String, _ id: String, _ body: (inout Outcome) -> Void) throws {
        let file = layout.outcome(stage: StageName(stage), try UnitID(id))
        var outcome = try CanonicalJSON.read(Outcome.self, from: file)
        body(&outcome)
        try CanonicalJSON.write(outcome, to: file)
    }

    /// Turns a byte of a file, which keeps its size.
    func flip(_ path: String) throws {
        var data = try Data(contentsOf: file(path))
        data[data.count / 2] ^= 1
        try data.write(to: file(path))
    }

    func remove(_ path: String) throws { try FileManager.default.removeItem(at: file(path)) }

    func swap(_ one: String, _ other: String) throws {
        let (first, second) = (try Data(contentsOf: file(one)), try Data(contentsOf: file(other)))
        try second.write(to: file(one))
        try first.write(to: file(other))
    }

    private func fingerprint(
        _ stage: String,
        _ inputs: [String: String],
        _ parameters: [String: String] = [:]
    ) -> Fingerprint {
        Fingerprint(stage: stage.prefix { $0 != "_" }.description, parameters: parameters, inputs: inputs)
    }

    private func tile(_ id: String) throws {
        let slide = slides.appending(path: "\(id).svs")
        try AtomicFile.write("slide \(id)", to: slide)
        let picture = layout.thumbnails.appending(path: "\(id).jpg")
        try AtomicFile.write("picture of \(id)", to: picture)
        try record("tile", id, inputs: ["slide": SlideDigest.quick(slide.path)], [picture])
        try SlidePaths.record([SlideEntry(id: try SlideID(id), path: slide.path, mpp: nil)], in: layout)
    }

    /// - Parameter epochs: a training with others is another one.
    func train(epochs: Int = 5) throws {
        let config =
            #"{"name": "m", "cohort": {"labels": "l", "slides": "s"}, "features": {"encoder": "e"}, "#
            + #""model": {"kind": "abmil"}}"#
        var study = TrainedStudy(
            config: try JSONDecoder().decode(PipelineConfig.self, from: Data(config.utf8)),
            classes: ["n", "t"],
            encoder: EncoderIdentity(name: "e", digest: "d", width: 4, input: nil, licence: "none"),
            splits: try [("a", "b"), ("b", "a")].enumerated().map { fold, slides in
                Split(fold: fold, train: [try SlideID(slides.1)], validation: [], test: [try SlideID(slides.0)])
            },
            cases: nil,
            checkpoints: [],
            files: [:]
        )
        for split in study.splits {
            let fold = "fold_\(split.fold)"
            let folder = file("training/m/\(fold)")
            let parameters = ["training": "\(epochs) epochs, \(fold)"]
            // Of features that are not there.
            let inputs = ["features": try CanonicalJSON.fingerprint(["", ""])]
            let mark = try CanonicalJSON.fingerprint(fingerprint("train_m", inputs, parameters))
            study.checkpoints.append(mark)
            let (card, weights) = ("checkpoint.json", "checkpoint.safetensors")
            let data = Data("weights of \(fold)".utf8)
            try AtomicFile.write(data, to: folder.appending(path: weights))
            try AtomicFile.write(
                #"{"fingerprint": "\#(mark)", "weights_sha256": "\#(Digest.sha256(data))"}"#,
                to: folder.appending(path: card)
            )
            let files = [card, weights].map { folder.appending(path: $0) }
            let made = try record("train_m", fold, parameters: parameters, inputs: inputs, files)
            study.files?.merge(TrainedStudy.files(of: [made], name: TrainingName("m"))) { $1 }
            try AtomicFile.write(split.clamTable, to: file("training/m/splits/splits_\(split.fold).csv"))
        }
        try AtomicFile.write(study.sealed(), to: file("training/m/study.json"))
    }

    private func predict(_ id: String) throws {
        let fold = id == "a" ? 0 : 1
        let checkpoint = try #require(try TrainedStudy.checkpoint(fold, of: layout.training("m")))
        let inputs = ["fold_\(fold)": checkpoint.version]
        let place = layout.predictions.appending(path: "m/\(id).h5")
        let prediction = PredictionFile(
            prediction: Prediction(
                slide: try SlideID(id),
                answer: .class(ClassAnswer([0.25, 0.75], threshold: nil)),
                branchAttention: [[0.5, 0.5]],
                attention: [0.5, 0.5],
                corners: []
            ),
            classes: ["n", "t"],
            model: "m",
            folds: [fold],
            grid: nil,
            sideLevel0: nil,
            attributes: ["wsi_fingerprint": try CanonicalJSON.fingerprint(fingerprint("predict_m", inputs))]
        )
        try prediction.write(to: place)
        try record("predict_m", id, inputs: inputs, [place])
    }
}
