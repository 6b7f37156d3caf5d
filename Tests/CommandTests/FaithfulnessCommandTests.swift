import Evaluation
import Files
import Foundation
import Records
import TestSupport
import Testing

/// `wsi evaluate --faithfulness` from the command to what is kept of it.
extension StudyCommandTests {
    @Test func mapsAreMeasuredOnceAndBesideTheirPrediction() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "faithful")
        let evaluate = ["evaluate", job.path, "--model", "acmil", "--faithfulness", "--device", "cpu"]
        let told = try Command.run(evaluate)
        #expect(told.exit == 0 && told.output.contains("faithfulness of the maps"), "\(told.errors)")
        let folder = JobLayout(root: job).faithfulness(of: TrainingName("acmil"))
        let before = Scratch.tree(folder)
        #expect(before.count > 1 && before["summary.json"] != nil)
        // What is known is read, and is the same; nothing has to be written for it.
        func permit(_ mode: Int) throws {
            for path in [folder, folder.appending(path: "slides")].map(\.path) {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            }
        }
        try permit(0o555)
        defer { try? permit(0o755) }
        let again = try Command.run(evaluate + ["--json"])
        #expect(again.exit == 0 && Scratch.tree(folder) == before, "\(again.errors)")
        let report = try JSONDecoder().decode(EvaluationReport.self, from: Data(again.output.utf8))
        let rows = try #require(report.faithfulness?.byPatch)
        #expect(rows["attention"]?.slides == report.faithfulness?.slides && rows["random"] != nil)
        let verified = try Command.run("verify", job.path)
        #expect(!verified.output.contains("faithfulness/"), "\(verified.output)")
        #expect(verified.output.contains("without a record: \(before.count)"), "\(verified.output)")
    }

    @Test func mapsThatAreNotPredictedAreAskedFor() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "unfaithful")
        for folder in ["predictions/acmil", "outcomes/predict_acmil"] {
            try FileManager.default.removeItem(at: job.appending(path: folder))
        }
        let refused = try Command.run("evaluate", job.path, "--model", "acmil", "--faithfulness", "--device", "cpu")
        #expect(refused.exit != 0 && refused.errors.contains("run wsi predict"), "\(refused.errors)")
    }
}
