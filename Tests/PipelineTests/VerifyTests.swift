import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// What `wsi verify` finds of files, and of what outcomes say of them.
@Suite struct VerifyTests {
    private let job: SmallJob

    init() throws { job = try SmallJob() }

    private func expect(
        _ faults: String...,
        exit: Records.ExitStatus = .integrity,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let (found, status) = try job.faults()
        #expect(found == faults, sourceLocation: location)
        #expect(status == exit, sourceLocation: location)
    }

    @Test func aJobAsItWasWrittenIsAsRecorded() throws {
        let report = try job.verified()
        #expect(report.findings.isEmpty && report.stale.isEmpty && report.notes.isEmpty, "\(report)")
        // Outcomes, pictures, predictions, maps, folds, splits, the study and two tables of slides.
        #expect(report.counts.files == 8 + 2 + 2 + 2 + 4 + 2 + 1 + 2)
        #expect(report.counts.asRecorded == report.counts.files && report.counts.slides == 2)
        #expect(
            report.summary
                == "verify: 23 files of 2 slides: 23 as recorded, 0 damaged, 0 missing, 0 orphans, 0 strangers"
        )
        #expect(report.exitStatus(strict: true) == .ok && report.remedies.isEmpty)
    }

    @Test(arguments: [
        "thumbnails/a.jpg", "predictions/m/a.h5", "heatmaps/m/a.png", "training/m/fold_1/checkpoint.safetensors",
        "training/m/splits/splits_0.csv", "training/m/fold_0/checkpoint.json",
    ])
    func aFlippedByteACutFileAndAFileThatIsGoneAreOneFaultEach(_ path: String) throws {
        let whole = try Data(contentsOf: job.file(path))
        try job.flip(path)
        try expect("damaged \(path)")
        try whole.dropLast(3).write(to: job.file(path))
        try expect("damaged \(path)")
        try job.remove(path)
        try expect("missing \(path)")
        try FileManager.default.createDirectory(at: job.file(path), withIntermediateDirectories: false)
        try expect("damaged \(path)")
    }

    @Test func eachFaultIsALineWithWhatMendsIt() throws {
        try job.flip("predictions/m/a.h5")
        try job.remove("predictions/m/b.h5")
        try job.flip("heatmaps/m/a.png")
        let (report, root) = (try job.verified(), job.layout.root.path)
        let predict = "run wsi predict \(root) --model m"
        #expect(
            report.findings.map { "\($0.failure)" } == [
                "error[E_DIGEST] heatmaps/m/a.png: is not what was written (heatmap_m, a); run wsi heatmap \(root) --model m --redo",
                "error[E_DIGEST] predictions/m/a.h5: is not what was written (predict_m, a); \(predict) --redo",
                "error[E_DIGEST] predictions/m/b.h5: is gone (predict_m, b); \(predict)",
            ]
        )
        let remedies = ["run wsi heatmap \(root) --model m --redo", "\(predict) --redo", predict]
        #expect(report.remedies.map(\.text) == remedies && report.remedies.map(\.files) == [1, 1, 1])
        #expect((report.counts.damaged, report.counts.missing, report.counts.asRecorded) == (2, 1, 20))
    }

    @Test func filesThatWereSwappedAreBothDamaged() throws {
        try job.swap("thumbnails/a.jpg", "thumbnails/b.jpg")
        try expect("damaged thumbnails/a.jpg", "damaged thumbnails/b.jpg")
    }

    @Test func swappedFilesWhoseRecordsWereSwappedTooAreToldByTheirFingerprints() throws {
        let paths = ["a", "b"].map { "predictions/m/\($0).h5" }
        try job.swap(paths[0], paths[1])
        for (id, path) in zip(["a", "b"], paths) {
            try job.change("predict_m", id) { outcome in
                outcome.outputs[path] = try? Digest.quick(fileAt: job.file(path))
                outcome.sizes?[path] = FileFacts(job.file(path).path)?.bytes
            }
        }
        try expect("contradictory predictions/m/a.h5", "contradictory predictions/m/b.h5")
    }

    @Test func anEditedRecordContradictsItsFile() throws {
        let path = "predictions/m/a.h5"
        try job.change("predict_m", "a") { $0.fingerprint.parameters["model"] = "another" }
        let report = try job.verified()
        #expect(report.findings.map(\.path) == [path])
        let message = "the fingerprint in the file is not that of outcomes/predict_m/a.json"
        #expect(report.findings.first?.message == message)
        #expect(report.findings.first?.code == .mismatch)
        #expect(report.findings.first?.remedy?.hasSuffix("--model m --redo") == true)
        try job.change("predict_m", "a") { $0.fingerprint.parameters = [:] }
        try job.change("predict_m", "a") { $0.sizes?[path] = 7 }
        try expect("contradictory \(path)")
        try job.change("predict_m", "a") { $0.outputs[path] = String(repeating: "0", count: 64) }
        try expect("damaged \(path)")
    }

    @Test func aRecordThatCannotBeReadIsDamagedAndItsFilesAreOrphans() throws {
        try AtomicFile.write("{", to: job.file("outcomes/tile/a.json"))
        try expect("damaged outcomes/tile/a.json")
        let report = try job.verified()
        #expect(report.findings.last?.kind == .orphan && report.findings.last?.path == "thumbnails/a.jpg")
        #expect(report.findings.first?.code == .file)
    }

    @Test func anOutcomeUnderAnotherNameOrInAnotherStageIsOfNobody() throws {
        let outcomes = job.file("outcomes")
        let files = FileManager.default
        try files.copyItem(at: outcomes.appending(path: "tile/a.json"), to: outcomes.appending(path: "tile/c.json"))
        try expect("contradictory outcomes/tile/c.json")
        try files.removeItem(at: outcomes.appending(path: "tile/c.json"))
        try files.moveItem(at: outcomes.appending(path: "heatmap_m"), to: outcomes.appending(path: "heatmap_n"))
        try expect("contradictory outcomes/heatmap_n/a.json", "contradictory outcomes/heatmap_n/b.json")
    }

    @Test func twoRecordsOfOneFileMustAgree() throws {
        let map = job.file("heatmaps/m/a.png")
        try job.record("heatmap_other", "a", [map])
        try expect(exit: .ok)
        try job.change("heatmap_other", "a") { $0.outputs["heatmaps/m/a.png"] = "0" }
        try expect("contradictory heatmaps/m/a.png")
    }

    @Test func whatCommandsHaveSeenBeforeIsNoStranger() throws {
        try AtomicFile.write("no table", to: job.file("audit/seen/3-100.tsv"))
        try expect(exit: .ok)
    }

    @Test func whatIsMadeAnewWithoutARecordIsCountedApartFromStrangers() throws {
        let made = ["cohort/cohort.json", "cohort/patches.csv", "cohort/leave_out/site/splits_0.csv"]
        for path in made + ["cohort/notes.txt"] { try AtomicFile.write("x", to: job.file(path)) }
        let report = try job.verified()
        #expect(report.findings.map(\.path) == ["cohort/notes.txt"] && report.counts.files == 23)
        #expect((report.counts.made, report.counts.strangers) == (3, 1))
        #expect(report.summary.hasSuffix(", 1 stranger, made by wsi evaluate or wsi cohort, without a record: 3"))
        try AtomicFile.write("{", to: job.file("faithfulness/m/summary.json"))
        try expect("damaged faithfulness/m/summary.json")
    }

    @Test func orphansStrangersAndTemporaryFilesAreListedAndFaultsOnlyWhereThatIsWanted() throws {
        for path in ["heatmaps/m/c.png", "notes.txt", "thumbnails/.wsi-host-1-2.tmp", "heatmaps/m/notes.txt"] {
            try AtomicFile.write("x", to: job.file(path))
        }
        try FileManager.default.createSymbolicLink(
            atPath: job.file("elsewhere").path,
            withDestinationPath: job.scratch.folder.path
        )
        try AtomicFile.write("x", to: job.file("training/m/fold_0/resume.safetensors"))
        let report = try job.verified()
        #expect(
            report.findings.map { "\($0.kind.rawValue) \($0.path): \($0.message)" } == [
                "stranger elsewhere: a link", "orphan heatmaps/m/c.png: no record names it",
                "stranger heatmaps/m/notes.txt: no file of a job", "stranger notes.txt: no file of a job",
                "stranger thumbnails/.wsi-host-1-2.tmp: a temporary file of a command that was killed or still runs",
                "orphan training/m/fold_0/resume.safetensors: "
                    + "of a training that was interrupted; the same command goes on from it",
            ]
        )
        #expect((report.counts.orphans, report.counts.strangers) == (2, 4))
        #expect(report.exitStatus(strict: false) == .ok && report.exitStatus(strict: true) == .integrity)
    }

    @Test func theRecordsOfEarlierVersionsAreComparedAsFarAsTheyGo() throws {
        for id in ["a", "b"] { try job.change("tile", id) { $0.sizes = nil } }
        #expect(try job.verified().notes == ["of 2 file(s) no record gives the size; their digests were compared"])
        try expect(exit: .ok)
        try job.flip("thumbnails/b.jpg")
        try expect("damaged thumbnails/b.jpg")
    }

    @Test func aFolderWithoutARecordIsNoJob() throws {
        for folder in ["outcomes", "training"] { try job.remove(folder) }
        let failure = #expect(throws: Failure.self) { try job.verified() }
        #expect(failure?.code == .notFound)
    }

    @Test func whatAnEnsembleSaysIsOnRecordAndComparedWithIt() throws {
        let files = ["ensemble.csv", "ensemble_grade.csv", "ensemble.json"].map { job.file("predictions/m/\($0)") }
        for file in files { try AtomicFile.write("slide_id,models\na,2\n", to: file) }
        let orphans = try job.verified().findings.filter { $0.kind == .orphan }.map(\.path)
        #expect(orphans == files.map { "predictions/m/\($0.lastPathComponent)" }.sorted())
        try job.record("ensemble_m", "ensemble", files)
        #expect(try job.faults() == ([], .ok) && job.verified().counts.orphans == 0)
        try job.flip("predictions/m/ensemble_grade.csv")
        #expect(try job.faults() == (["damaged predictions/m/ensemble_grade.csv"], .integrity))
        let remedy = try job.verified().findings.first?.remedy
        #expect(remedy == "run wsi predict \(job.layout.root.path) --model m")
    }
}
