import Files
import Foundation
import Records
import TestSupport
import Testing

@testable import Storage

/// A training of which one fold cannot be learned from: it alone has a slide whose features are too large for any sum.
@Suite struct FailedFoldTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        var tensors: [String: StoredTensor] = [:]
        for index in 0..<12 {
            let rows = (0..<20).map { index == 1 ? 1e38 : Float((index * 31 + $0 * 17) % 13) / 13 }
            tensors["s\(index)/features"] = StoredTensor(shape: [5, 4], floats: rows)
        }
        try SafeTensors(tensors: tensors).write(to: scratch["bags.safetensors"])
        let lines = (0..<12).map { index in
            let (first, second) = index < 6 ? ("train", "test") : ("test", "train")
            return "s\(index),p\(index),\(10 + index),\(index % 2),\(first),\(index == 1 ? "" : second)\n"
        }
        _ = try scratch.write("slide_id,case_id,time,event,fold_0,fold_1\n" + lines.joined(), to: "labels.csv")
    }

    private func train(_ more: String...) throws -> Command {
        let config = try scratch.write(
            """
            {"name": "m", "cohort": {"labels": "labels.csv", "splits": "labels.csv", "target": "survival"},
             "features": {"path": "bags.safetensors"}, "model": {"kind": "mean"},
             "training": {"epochs": 2, "selection": "last"}, "evaluation": {"bootstrap": 100}}
            """,
            to: "study.json"
        )
        return try Command.run(["train", "--config", config.path, "--out", scratch["job"].path] + more)
    }

    private func outcome(_ fold: Int) throws -> Outcome {
        try Outcome.read(scratch["job/outcomes/train_m/fold_\(fold).json"])
    }

    @Test func itKeepsItsRecordAndTheFoldBesideItsModel() throws {
        let first = try train()
        #expect(first.exit == 3, "\(first.errors)")
        let (failed, trained) = (try outcome(0), try outcome(1))
        #expect(failed.status == .failed && failed.failure?.code == .training && failed.outputs.isEmpty)
        let reason = failed.failure?.message ?? ""
        #expect(reason.contains("not a finite number in epoch 0 at slide s1"), "\(reason)")
        #expect(trained.status == .ok && !trained.outputs.isEmpty)
        #expect(!FileManager.default.fileExists(atPath: scratch["job/training/m/study.json"].path))
        let status = try Command.run("status", scratch["job"].path)
        #expect(status.output.contains("E_TRAINING, 1 (fold_0)"), "\(status.output)")
        // It is tried again, the other is not.
        let again = try train()
        #expect(again.exit == 3 && again.errors.contains("(1 were already done)"), "\(again.errors)")
        let joined = try train("--join")
        #expect(joined.exit != 0 && joined.errorLines.first?.contains("could not be trained") == true)
    }
}
