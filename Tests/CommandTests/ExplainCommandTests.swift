import Foundation
import Records
import Storage
import TestSupport
import Testing

/// `wsi predict --explain` from the command to what maps show.
extension StudyCommandTests {
    @Test func whatPatchesAddIsPredictedDrawnAndMakesTheAnswer() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "explained")
        let predict = ["predict", job.path, "--model", "acmil"]
        // Beside predictions without it this is another configuration.
        let refused = try Command.run(predict + ["--explain", "contribution"])
        #expect(refused.exit == 4 && refused.errors.contains("explain"), "\(refused.errors)")
        let predicted = try Command.run(predict + ["--explain", "contribution", "--redo"])
        #expect(predicted.exit == 0, "\(predicted.errors)")
        let names = try FileManager.default.contentsOfDirectory(atPath: job.appending(path: "predictions/acmil").path)
        let files = names.filter { $0.hasSuffix(".h5") }
        try #require(!files.isEmpty)
        for name in files {
            let file = try PredictionFile(contentsOf: job.appending(path: "predictions/acmil/\(name)"))
            let logits = try (0..<2).map { output in
                let row = "contribution_\(output)"
                let place = try #require(file.prediction.rowNames.firstIndex(of: row))
                let bias = try #require(file.bias(of: row))
                return file.prediction.branchAttention[place].reduce(bias) { $0 + Double($1) }
            }
            let wanted = try #require(file.prediction.answer.ofClass).probabilities[1]
            #expect(abs(1 / (1 + exp(logits[0] - logits[1])) - wanted) < 1e-4, "\(name)")
        }
        // What is there answers what is asked, and more.
        let plain = try Command.run(predict)
        #expect(plain.exit == 0 && plain.errors.contains("tell contribution too"), "\(plain.errors)")
        #expect(plain.errors.contains("all already done"), "\(plain.errors)")
        let slide = String(files[0].dropLast(3))
        let drawn = try Command.run("heatmap", job.path, "--model", "acmil", "--slide", slide, "--panel", "--redo")
        #expect(drawn.exit == 0, "\(drawn.errors)")
        let table = try String(contentsOf: job.appending(path: "heatmaps/acmil/\(slide).csv"), encoding: .utf8)
        let head = String(table.prefix { !$0.isNewline })
        #expect(head.hasSuffix(",contribution_0,contribution_1"), "\(head)")
        let unknown = try Command.run(predict + ["--explain", "gradient"])
        #expect(unknown.exit == 2 && unknown.errorLines.count == 1, "\(unknown.errors)")
    }
}
