import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing

/// What was written and is not what it was, and what follows from what is no more.
extension StudyCommandTests {
    /// Turns one byte in the middle of a file, which keeps its size.
    private func flip(_ file: URL) throws {
        var data = try Data(contentsOf: file)
        data[data.count / 2] ^= 1
        try AtomicFile.write(data, to: file)
    }

    private func refuses(_ result: Command, _ words: String..., at location: SourceLocation = #_sourceLocation) {
        #expect(result.exit == 4, "\(result.errors)", sourceLocation: location)
        #expect(result.errorLines.count == 1, "\(result.errors)", sourceLocation: location)
        for word in words {
            #expect(result.errorLines.first?.contains(word) == true, "\(result.errors)", sourceLocation: location)
        }
    }

    @Test func aPredictionThatIsNotWhatWasWrittenIsNeitherDrawnNorJudgedNorExported() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "flipped")
        let file = job.appending(path: "predictions/acmil/sample_003.h5")
        let whole = try Data(contentsOf: file)
        try flip(file)
        let name = "predictions/acmil/sample_003.h5 is not what was written"
        let remedy = "run wsi predict \(job.path) --model acmil"
        let drawn = try Command.run("heatmap", job.path, "--model", "acmil", "--scale", "percentile")
        refuses(drawn, "E_DIGEST] sample_003:", name, remedy)
        let pictures = Scratch.tree(job.appending(path: "heatmaps/acmil-percentile")).keys
        #expect(pictures.count == 22 && !pictures.contains("sample_003.png"), "the other slides are drawn")
        refuses(try Command.run("heatmap", job.path, "--model", "acmil"), name, remedy)
        refuses(try Command.run("report", job.path, "sample_003", "--model", "acmil"), name, remedy)
        let annotations = scratch["sample/annotations"].path
        refuses(
            try Command.run("evaluate", job.path, "--model", "acmil", "--annotations", annotations),
            name,
            remedy
        )
        let finer = ["heatmap", job.path, "--model", "acmil", "--overlap", "0.5", "--slide", "sample_003"]
        refuses(try Command.run(finer), name, remedy)
        let exported = try Command.run("review", job.path, "--export", scratch["exported"].path)
        refuses(exported, name, remedy)
        #expect(!FileManager.default.fileExists(atPath: scratch["exported"].path))
        // Its own stage makes it again.
        #expect(try Command.run("predict", job.path, "--model", "acmil").exit == 0)
        #expect(try Data(contentsOf: file) == whole)
        #expect(try Command.run("heatmap", job.path, "--model", "acmil").exit == 0)
    }

    @Test func featuresThatAreNotWhatWasWrittenAreNamedAndNotLeftOut() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "truncated")
        let file = job.appending(path: "20x_256px_0px_overlap/features_he-texture-v1/sample_002.h5")
        try AtomicFile.write(try Data(contentsOf: file).dropLast(1000), to: file)
        let remedy = "run wsi features \(job.path) --encoder he-texture-v1"
        let train = ["train", "--config", scratch["study.json"].path, "--out", job.path]
        refuses(try Command.run(train), "E_DIGEST] sample_002:", "bytes, of", remedy)
        refuses(try Command.run("predict", job.path, "--model", "acmil"), "E_DIGEST] sample_002:", remedy)
        let checked = try Command.run("check", "--config", scratch["study.json"].path, "--out", job.path)
        #expect(checked.exit == 4 && (checked.errors + checked.output).contains(remedy), "\(checked.errors)")
        #expect(try Command.run("status", job.path).output.contains("a file has another size; \(remedy)"))
        try FileManager.default.removeItem(at: file)
        refuses(try Command.run(train), "E_DIGEST] sample_002:", "is gone", remedy)
        #expect(try Command.run("features", job.path, "--encoder", "he-texture-v1").exit == 0)
        #expect(try Command.run(train).exit == 0)
    }

    @Test func aRunMakesAgainWhateverIsNotWhatWasWritten() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "healed")
        let before = Scratch.tree(job)
        let damaged = [
            "20x_256px_0px_overlap/patches/sample_001_patches.h5",
            "20x_256px_0px_overlap/features_he-texture-v1/sample_002.h5", "training/acmil/fold_1/checkpoint.json",
            "training/acmil/study.json", "predictions/acmil/sample_003.h5", "heatmaps/acmil/sample_004.csv",
        ]
        for path in damaged { try flip(job.appending(path: path)) }
        let told = try Command.run("status", job.path, "--digests").output
        #expect(told.components(separatedBy: "a file is not what was written").count == 6, "\(told)")
        let patches = try Command.run("features", job.path, "--encoder", "he-texture-v1")
        refuses(patches, "E_DIGEST] sample_001:", "patches/sample_001_patches.h5", "run the same wsi tile")
        refuses(try Command.run("predict", job.path, "--model", "acmil"), "E_DIGEST", "study.json", "wsi train")
        let healed = try run(scratch, "healed")
        #expect(healed.exit == 0, "\(healed.errors)")
        let after = Scratch.tree(job)
        for path in damaged { #expect(after[path] == before[path], "\(path)") }
        #expect(try !Command.run("status", job.path, "--digests").output.contains("stale,"))
    }

    private struct Status: Decodable {
        struct Stage: Decodable {
            var name: String
            var stale: [String]
        }
        var stages: [Stage]
    }

    private func stale(_ job: URL) throws -> [String: Int] {
        let status = try JSONDecoder().decode(
            Status.self,
            from: Data(Command.run("status", job.path, "--json").output.utf8)
        )
        return Dictionary(uniqueKeysWithValues: status.stages.map { ($0.name, $0.stale.count) }).filter { $0.value > 0 }
    }

    @Test func afterAnotherTrainingNothingOfTheOldOneIsShownInSilence() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "retrained")
        #expect(try Command.run("report", job.path, "--model", "acmil").exit == 0)
        #expect(try stale(job).isEmpty)
        let text = Self.config(folds: 2, bootstrap: 200).replacing(#""epochs": 3"#, with: #""epochs": 2"#)
        let config = try scratch.write(text, to: "retrained.json").path
        let trained = try Command.run("train", "--config", config, "--out", job.path, "--redo")
        #expect(trained.exit == 0, "\(trained.errors)")
        #expect(trained.output.hasSuffix("next    wsi predict \(job.path) --model acmil --redo\n"), "\(trained.output)")
        #expect(try stale(job) == ["predict_acmil": 12, "heatmap_acmil": 12, "heatmap.report_acmil": 12])
        let before = Scratch.tree(job).filter { !$0.key.hasPrefix("audit/") }
        let remedy = "run wsi predict \(job.path) --model acmil --redo"
        for command in [
            ["heatmap", job.path, "--model", "acmil"], ["report", job.path, "--model", "acmil"],
            ["heatmap", job.path, "--model", "acmil", "--redo"],
        ] {
            let result = try Command.run(command)
            #expect(result.exit == 4)
            // A line for the slides of each fold.
            #expect(result.errorLines.count == 2, "\(result.errors)")
            for (fold, line) in zip(0..., result.errorLines.sorted { $0.suffix(200) < $1.suffix(200) }) {
                #expect(line.contains("E_FINGERPRINT") && line.contains(remedy), "fold \(fold): \(line)")
            }
        }
        let annotations = scratch["sample/annotations"].path
        let judged = try Command.run("evaluate", job.path, "--model", "acmil", "--annotations", annotations)
        refuses(judged, "E_FINGERPRINT", remedy)
        #expect(try Command.run("predict", job.path, "--model", "acmil").exit == 4)
        #expect(Scratch.tree(job).filter { !$0.key.hasPrefix("audit/") } == before)
        #expect(try Command.run("predict", job.path, "--model", "acmil", "--redo").exit == 0)
        #expect(try stale(job) == ["heatmap_acmil": 12, "heatmap.report_acmil": 12])
        refuses(try Command.run("heatmap", job.path, "--model", "acmil"), "E_FINGERPRINT", "prediction")
        let finished = try Command.run("run", "--config", config, "--out", job.path)
        #expect(finished.exit == 0, "\(finished.errors)")
        #expect(try stale(job) == ["heatmap.report_acmil": 12])
        #expect(try Command.run("report", job.path, "--model", "acmil", "--redo").exit == 0)
        #expect(try stale(job).isEmpty)
    }

    @Test func aTrainingThatWasCopiedIsCheckedWhereItLies() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "foreign")
        let copy = scratch["copied/acmil"]
        try FileManager.default.createDirectory(at: scratch["copied"], withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: job.appending(path: "training/acmil"), to: copy)
        let card = copy.appending(path: "fold_0/checkpoint.json")
        let text = try String(contentsOf: card, encoding: .utf8)
        let changed = text.replacing(/"threshold" : 0\.\d/, with: #""threshold" : 0.9"#)
        try AtomicFile.write(changed == text ? text + " " : changed, to: card)
        refuses(
            try Command.run("predict", job.path, "--model", copy.path),
            "E_DIGEST",
            "fold_0/checkpoint.json is not what was written",
            "copy the training again"
        )
        try AtomicFile.write(text, to: card)
        #expect(try Command.run("predict", job.path, "--model", copy.path).exit == 0)
        // A job that was moved as a whole is what it was.
        let moved = scratch["moved"]
        try FileManager.default.moveItem(at: job, to: moved)
        #expect(try stale(moved).isEmpty)
        #expect(try Command.run("heatmap", moved.path, "--model", "acmil").exit == 0)
    }
}
