import Files
import Foundation
import Storage
import TestSupport
import Testing

/// `wsi verify` of a study that the program itself has made.
extension StudyCommandTests {
    private struct Report: Decodable {
        struct Finding: Decodable {
            var kind: String
            var path: String
            var code: String
            var remedy: String?
        }

        struct Counts: Decodable {
            var files: Int
            var as_recorded: Int
            var slides: Int
        }

        var counts: Counts
        var findings: [Finding]
        var stale: [String]
    }

    private func verified(_ job: URL, _ more: String...) throws -> (report: Report, result: Command) {
        let result = try Command.run(["verify", job.path, "--json"] + more)
        return (try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)), result)
    }

    @Test func aStudyIsAsRecordedAndWhatIsDamagedIsNamedWithTheCommandThatMendsIt() throws {
        let scratch = try Self.cohort.get()
        let job = try finishedJob(scratch, as: "verified")
        #expect(try Command.run("report", job.path, "--model", "acmil").exit == 0)
        let finer = ["heatmap", job.path, "--model", "acmil", "--overlap", "0.5", "--slide", "sample_003"]
        #expect(try Command.run(finer).exit == 0)
        let (whole, intact) = try verified(job, "--slides", "--strict")
        #expect(intact.exit == 0 && intact.errors.isEmpty, "\(intact.errors)")
        #expect(whole.findings.isEmpty && whole.stale.isEmpty && whole.counts.slides == 12)
        #expect(whole.counts.as_recorded == whole.counts.files)
        // Every file is a record or named by one, and twelve slides lie elsewhere.
        #expect(whole.counts.files == Scratch.tree(job).count + 12)

        let file = job.appending(path: "predictions/acmil/sample_003.h5")
        let before = try Data(contentsOf: file)
        var flipped = before
        flipped[before.count / 2] ^= 1
        try flipped.write(to: file)
        try FileManager.default.removeItem(at: job.appending(path: "thumbnails/sample_001.jpg"))
        let said = try Command.run("verify", job.path)
        #expect(said.exit == 4)
        let remedy = "run wsi predict \(job.path) --model acmil --redo"
        #expect(
            said.errorLines == [
                "wsi: error[E_DIGEST] predictions/acmil/sample_003.h5: is not what was written (predict_acmil, sample_003); "
                    + remedy,
                "wsi: error[E_DIGEST] thumbnails/sample_001.jpg: is gone (tile, sample_001); "
                    + "run the same wsi tile with --out \(job.path)",
            ]
        )
        #expect(said.output.contains(" 1 damaged, 1 missing, 0 orphans, 0 strangers\n  \(remedy) (1 file)\n"))
        let (report, _) = try verified(job)
        #expect(report.findings.map(\.kind) == ["damaged", "missing"])
        #expect(report.findings.map(\.code) == ["E_DIGEST", "E_DIGEST"] && report.findings[0].remedy == remedy)
        #expect(try Command.run("predict", job.path, "--model", "acmil").exit == 0)
        #expect(try Command.run("tile", scratch["sample/slides"].path, "--out", job.path).exit == 0)
        #expect(try verified(job, "--strict").result.exit == 0)
        #expect(try Data(contentsOf: file) == before)
    }

    @Test func whatIsNoJobIsSaidToBeNone() throws {
        let scratch = try Scratch()
        _ = try scratch.write("x", to: "folder/a.txt")
        let result = try Command.run("verify", scratch["folder"].path)
        #expect(result.exit == 2 && result.errorLines.first?.contains("E_NOT_FOUND") == true, "\(result.errors)")
        #expect(try Command.run("verify", scratch["none"].path).exit == 2)
    }
}
