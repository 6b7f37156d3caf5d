import Evaluation
import Files
import Foundation
import Records
import Storage
import TestSupport
import Testing

/// A whole study on a small sample cohort, written once for all tests of the suite.
@Suite(.serialized)
struct StudyCommandTests {
    /// 12 slides of about 2,048 pixels: large enough for foci and for two folds, small enough for a test.
    static let cohort = Result<Scratch, any Error> {
        let scratch = try Scratch()
        let sample = try Command.run("sample", scratch["sample"].path, "--slides", "12", "--side", "2048", "--quiet")
        guard sample.exit == 0 else { throw Stopped(text: sample.errors) }
        _ = try scratch.write(config(folds: 2, bootstrap: 200), to: "study.json")
        return scratch
    }

    static func config(folds: Int, bootstrap: Int) -> String {
        """
        {"name": "acmil",
         "cohort": {"slides": "sample/slides", "labels": "sample/labels.csv", "classes": ["normal", "tumor"],
                    "folds": \(folds), "val_fraction": 0.3},
         "model": {"kind": "acmil"},
         "training": {"epochs": 3},
         "evaluation": {"bootstrap": \(bootstrap)}}
        """
    }

    struct Stopped: Error { var text: String }

    func run(_ scratch: Scratch, _ job: String, _ more: String...) throws -> Command {
        try Command.run(["run", "--config", scratch["study.json"].path, "--out", scratch[job].path] + more)
    }

    @Test func aStudyRunsFromSlidesToHeatmapsAndASecondRunDoesNothing() throws {
        let scratch = try Self.cohort.get()
        let first = try run(scratch, "job")
        #expect(first.exit == 0, "\(first.errors)")
        let files = Scratch.tree(scratch["job"])
        #expect(files.keys.filter { $0.hasPrefix("heatmaps/acmil/") && $0.hasSuffix(".png") }.count == 12)
        #expect(files.keys.filter { $0.hasPrefix("heatmaps/acmil/") && $0.hasSuffix(".csv") }.count == 12)
        for fold in 0..<2 {
            for name in ["checkpoint.safetensors", "checkpoint.json", "history.csv", "predictions.csv"] {
                #expect(files["training/acmil/fold_\(fold)/\(name)"] != nil)
            }
        }
        #expect(files["training/acmil/metrics.json"] != nil)
        #expect(!files.keys.contains { $0.hasSuffix(".tmp") })

        let second = try run(scratch, "job")
        #expect(second.exit == 0)
        #expect(second.errors.contains("all already done"))
        #expect(second.errors.contains("nothing to do"))
        #expect(Scratch.tree(scratch["job"]) == files)
    }

    /// The finished job under another name, for tests that change it.
    func finishedJob(_ scratch: Scratch, as name: String) throws -> URL {
        let first = try run(scratch, "job")
        try #require(first.exit == 0, "\(first.errors)")
        try FileManager.default.copyItem(at: scratch["job"], to: scratch[name])
        return scratch[name]
    }

    @Test func annotationsThatEncloseNothingAreSaidAndNotTakenForNothingToFind() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "annotated")
        let (source, folder) = (scratch["sample/annotations"], scratch["annotations"])
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Those with foci first.
        let names = try FileManager.default.contentsOfDirectory(atPath: source.path).sorted().sorted { one, other in
            func size(_ name: String) throws -> Int { try Data(contentsOf: source.appending(path: name)).count }
            return try size(one) > size(other)
        }
        let dot = #"{"type":"Point","coordinates":[9,9]}"#
        for (index, name) in names.enumerated() {
            let list = try String(contentsOf: source.appending(path: name), encoding: .utf8)
            let text = index == 0 ? dot : index == 1 ? "[\(dot), \(list)]" : list
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        let result = try Command.run("evaluate", job.path, "--model", "acmil", "--annotations", folder.path)
        #expect(result.exit == 0, "\(result.errors)")
        #expect(
            result.errors.contains(
                "2 feature(s) in 2 file(s) of annotations are not used (2 points): \(names.prefix(2).sorted().joined(separator: ", "))"
            )
        )
        #expect(
            result.errors.contains(
                "1 file(s) of annotations enclose no area, and count as absent: \(names[0]) (1 point)"
            )
        )
    }

    @Test func anotherEvaluationJudgesAgainWithoutATraining() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "judged")
        let before = Scratch.tree(job)
        let config = try scratch.write(Self.config(folds: 2, bootstrap: 100), to: "judged.json")
        let result = try Command.run("run", "--config", config.path, "--out", job.path)
        #expect(result.exit == 0, "\(result.errors)")
        let training = result.errors.split(separator: "\n").first { $0.hasPrefix("train_acmil:") }
        #expect(training?.contains("(all already done)") == true)
        let changed = Scratch.tree(job).filter { before[$0.key] != $0.value && !$0.key.hasPrefix("audit/") }.keys
        #expect(
            changed.sorted() == [
                "outcomes/evaluate_acmil/metrics.json", "training/acmil/metrics.json", "training/acmil/report.html",
                "training/acmil/study.json",
            ]
        )
    }

    @Test func anotherNumberOfFoldsIsAnotherConfiguration() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "folds")
        let before = Scratch.tree(job).filter { !$0.key.hasPrefix("audit/") }
        let config = try scratch.write(Self.config(folds: 3, bootstrap: 200), to: "folds.json")
        let result = try Command.run("run", "--config", config.path, "--out", job.path)
        #expect(result.exit == 4)
        #expect(result.errorLines.count == 1)
        #expect(result.errorLines.first?.contains(": folds 2, now 3; --redo makes them again (2 folds, about ") == true)
        #expect(result.errorLines.first?.hasSuffix("), another name (the config's key name) keeps both") == true)
        #expect(Scratch.tree(job).filter { !$0.key.hasPrefix("audit/") } == before)
    }

    @Test func ofAnotherTrainingOnlyTheKeysThatDifferAreNamed() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "epochs")
        let text = Self.config(folds: 2, bootstrap: 200).replacing(#""epochs": 3"#, with: #""epochs": 5"#)
        let config = try scratch.write(text, to: "epochs.json")
        for command in ["train", "run"] {
            let refused = try Command.run(command, "--config", config.path, "--out", job.path)
            #expect(refused.exit == 4)
            #expect(refused.errorLines.count == 1)
            let line = try #require(refused.errorLines.first)
            #expect(line.contains("is in the way (and 1 more): training.epochs 3, now 5; --redo makes"), "\(line)")
            #expect(!refused.output.contains("AUC"))
        }
        let redone = try Command.run("train", "--config", config.path, "--out", job.path, "--redo")
        #expect(redone.exit == 0)
        #expect(redone.output.hasSuffix("next    wsi predict \(job.path) --model acmil --redo\n"))
    }

    @Test func aStudyEndsWithItsAUCItsReportAndTheNextCommand() throws {
        let scratch = try Self.cohort.get()
        for command in [try run(scratch, "job"), try run(scratch, "job")] {
            let lines = command.output.split(separator: "\n").map(String.init)
            #expect(lines.count == 3, "\(command.output)")
            let metrics = try Data(contentsOf: scratch["job/training/acmil/metrics.json"])
            let object = try JSONSerialization.jsonObject(with: metrics) as? [String: Any]
            let auc = try #require(object?["slide_auc"] as? Double)
            let ends = try #require(object?["slide_auc_ci"] as? [Double])
            func number(_ value: Double) -> String { String(format: "%.3f", value) }
            #expect(
                lines.first
                    == "result  acmil: AUC \(number(auc)) (95 % interval \(number(ends[0])) to \(number(ends[1]))) "
                    + "by slide, 2 fold(s)"
            )
            #expect(lines[1] == "report  \(scratch["job/training/acmil/report.html"].path)")
            #expect(FileManager.default.fileExists(atPath: String(lines[1].dropFirst(8))))
            #expect(lines[2] == "next    wsi review \(scratch["job"].path)")
        }
        #expect(try run(scratch, "job", "--quiet").output.isEmpty)
    }

    @Test func anEvaluationIsATableAndWithJSONTheSameNumbers() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "evaluated")
        let arguments = ["evaluate", job.path, "--model", "acmil"]
        let more = ["--annotations", scratch["sample/annotations"].path, "--controls"]
        let json = try Command.run(arguments + more + ["--json"])
        #expect(json.exit == 0, "\(json.errors)")
        let object = try #require(JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
        let (auc, patches) = (object["slide_auc"] as? Double, object["patch_auc"] as? Double)
        let table = try Command.run(arguments + more)
        #expect(table.exit == 0, "\(table.errors)")
        let lines = table.output.split(separator: "\n").map(String.init)
        #expect(lines.first?.hasPrefix("acmil: 12 slides, ") == true)
        #expect(lines.first?.hasSuffix(" cases, pooled over 2 fold(s); positive: tumor") == true)
        func value(_ name: String) -> String? {
            lines.first { $0.hasPrefix("  \(name)  ") }?.dropFirst(name.count + 2).split(separator: " ").first
                .map(String.init)
        }
        #expect(value("AUC") == auc.map { String(format: "%.3f", $0) })
        for metric in Metric.shown(in: .printed, of: .class) { #expect(value(metric.title) != nil, "\(metric.key)") }
        #expect(value("AUC of patches") == patches.map { String(format: "%.3f", $0) })
        for (name, area) in try #require(object["controls"] as? [String: Any]) {
            let shown = (area as? Double).map { String(format: "%.3f", $0) } ?? "–"
            #expect(value(name.replacing("_", with: " ")) == shown, "\(name)")
        }
        let plain = try Command.run(arguments)
        #expect(plain.output.contains("sensitivity") && !plain.output.contains("shortcut controls"))
        #expect(plain.output.hasSuffix("\n") && !plain.output.hasSuffix("\n\n"))
    }

    @Test func theSameSeedInAnotherFolderGivesTheSameBytes() throws {
        let scratch = try Self.cohort.get()
        #expect(try run(scratch, "job").exit == 0)
        #expect(try run(scratch, "other", "--workers", "1").exit == 0)
        let (first, other) = (Scratch.tree(scratch["job"]), Scratch.tree(scratch["other"]))
        let differing = Set(first.keys).union(other.keys).filter { !$0.hasPrefix("audit/") && first[$0] != other[$0] }
        #expect(differing.isEmpty)
        #expect(first.count > 100)
    }

    @Test func anotherConfigurationIsNotOverwrittenWithoutRedo() throws {
        let scratch = try Self.cohort.get()
        let slide = scratch["sample/slides"].path
        #expect(try Command.run("tile", slide, "--out", scratch["tiles"].path, "--quiet").exit == 0)
        let before = Scratch.tree(scratch["tiles"])
        let refused = try Command.run("tile", slide, "--out", scratch["tiles"].path, "--min-tissue", "0.75")
        #expect(refused.exit == 4)
        #expect(refused.errors.contains("min_tissue"))
        #expect(Scratch.tree(scratch["tiles"]) == before)
        #expect(
            try Command.run("tile", slide, "--out", scratch["tiles"].path, "--min-tissue", "0.75", "--redo").exit == 0
        )
        #expect(Scratch.tree(scratch["tiles"]) != before)
    }

    @Test func aDryRunOfAStudyEstimatesItsFeaturesTooAndWritesNothing() throws {
        let scratch = try Self.cohort.get()
        let ahead = try run(scratch, "ahead", "--dry-run")
        #expect(ahead.exit == 0, "\(ahead.errors)")
        let lines = ahead.output.split(separator: "\n").map(String.init)
        #expect(lines.first == "tile: 12 slide(s) to do, 0 done, 0 would fail")
        #expect(lines.contains("features_he-texture-v1: 12 slide(s) to do, 0 done, 0 would fail"))
        #expect(lines.count { $0.contains("  time     about ") && $0.contains("measured on 8 slide(s)") } == 2)
        #expect(!FileManager.default.fileExists(atPath: scratch["ahead"].path))

        let job = try finishedJob(scratch, as: "dry")
        let before = Scratch.tree(job)
        let nothing = try run(scratch, "dry", "--dry-run")
        #expect(nothing.output.contains("features_he-texture-v1: 0 slide(s) to do, 12 done, 0 would fail\n"))
        #expect(Scratch.tree(job) == before)
    }

    @Test func aLostFileAloneIsMadeAgain() throws {
        let scratch = try Self.cohort.get()
        let slide = scratch["sample/slides"].path
        let job = scratch["lost"]
        #expect(try Command.run("tile", slide, "--out", job.path, "--quiet").exit == 0)
        let before = Scratch.tree(job)
        let victim = try #require(before.keys.first { $0.hasSuffix("_patches.h5") })
        try FileManager.default.removeItem(at: job.appending(path: victim))
        let again = try Command.run("tile", slide, "--out", job.path)
        #expect(again.exit == 0)
        #expect(again.errors.contains("11 were already done"))
        let after = Scratch.tree(job)
        #expect(after.filter { !$0.key.hasPrefix("audit/") } == before.filter { !$0.key.hasPrefix("audit/") })
    }
}
