import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

#if canImport(Glibc)
    import Glibc
#endif

/// What `wsi status` says of results whose files, records or folders are no longer what they were.
@Suite struct StatusOfFilesTests {
    private let job: SmallJob

    init() throws {
        job = try SmallJob()
        // As this version writes them.
        for stage in ["tile", "predict_m", "heatmap_m"] {
            for id in ["a", "b"] { try seal(stage, id) }
        }
    }

    private func place(_ stage: String, _ id: String) throws -> URL {
        job.layout.outcome(stage: StageName(stage), try UnitID(id))
    }

    private func seal(_ stage: String, _ id: String) throws {
        try Outcome.read(place(stage, id)).write(to: place(stage, id))
    }

    private func status() throws -> [JobStatus.Stage] { try JobStatus(of: job.layout).stages }

    /// Why results of a stage are stale, with their slides.
    private func reasons(_ stage: String) throws -> [String] {
        let found = try #require(try status().first { $0.name == stage })
        return found.staleReasons.map { reason in
            "\(reason.slides.map(\.text).joined(separator: ",")): \(reason.message.prefix { $0 != ";" })"
        }
    }

    @Test func nothingIsStaleBeforeAnyHarm() throws {
        #expect(try status().allSatisfy { $0.stale.isEmpty })
        #expect(try status().map(\.name) == ["tile", "train_m", "predict_m", "heatmap_m"])
    }

    @Test func anOutputThatIsGoneOrHasAnotherSizeIsToldFromOneThatStands() throws {
        let file = job.file("heatmaps/m/a.png")
        let bytes = try Data(contentsOf: file)
        for text in ["", "m", String(decoding: bytes, as: UTF8.self) + "x"] {
            try Data(text.utf8).write(to: file)
            #expect(try reasons("heatmap_m") == ["a: a file has another size"])
        }
        try job.remove("heatmaps/m/a.png")
        #expect(try reasons("heatmap_m") == ["a: a file is gone"])
        try FileManager.default.createDirectory(at: file, withIntermediateDirectories: true)
        #expect(try reasons("heatmap_m") == ["a: a file is gone"])
        try job.remove("heatmaps/m/a.png")
        #expect(mkfifo(file.path, 0o600) == 0)
        #expect(try reasons("heatmap_m") == ["a: a file is gone"])
        try job.remove("heatmaps/m/a.png")
        try FileManager.default.createSymbolicLink(atPath: file.path, withDestinationPath: "elsewhere")
        #expect(try reasons("heatmap_m") == ["a: a file is gone"])
        try bytes.write(to: job.file("heatmaps/m/elsewhere"))
        #expect(try reasons("heatmap_m").isEmpty)
        #expect(try reasons("tile").isEmpty)
    }

    @Test func outcomesOfEarlierVersionsWithoutSizesAreLookedAtToo() throws {
        try job.change("heatmap_m", "a") { $0.sizes = nil }
        #expect(try reasons("heatmap_m").isEmpty)
        try Data().write(to: job.file("heatmaps/m/a.png"))
        #expect(try reasons("heatmap_m").isEmpty)
        try job.remove("heatmaps/m/a.png")
        #expect(try reasons("heatmap_m") == ["a: a file is gone"])
    }

    @Test func aRecordThatWasEditedIsDamagedAndOneThatWasWrittenAnewIsAnotherVersion() throws {
        let file = try place("predict_m", "a")
        let text = try String(contentsOf: file, encoding: .utf8)
        try Data(text.replacing("\"ok\"", with: "\"empty\"").utf8).write(to: file)
        let error = try #require(throws: StorageError.self) { try status() }
        #expect(error.subject == file.path && error.message.hasPrefix("it was changed after it was written; remove it"))
        try Data(text.utf8).write(to: file)
        #expect(try status().allSatisfy { $0.stale.isEmpty })
        try job.change("predict_m", "a") { $0.fingerprint.parameters["new"] = "1" }
        #expect(try reasons("heatmap_m") == ["a: prediction changed since"])
        try seal("predict_m", "a")
        #expect(try reasons("heatmap_m") == ["a: prediction changed since"])
    }

    @Test func strangersInAFolderOfOutcomesAreNoOutcomesUnlessTheyAreCalledSo() throws {
        let folder = job.layout.outcomes(stage: .tile)
        let before = try status()
        for name in ["README", ".hidden.json", "notes.txt"] {
            try AtomicFile.write("{", to: folder.appending(path: name))
        }
        try AtomicFile.write("x", to: job.layout.folder(.outcomes).appending(path: "file"))
        #expect(try status() == before)
        try AtomicFile.write("{}", to: folder.appending(path: "c.json"))
        let error = try #require(throws: StorageError.self) { try status() }
        #expect(error.subject == folder.appending(path: "c.json").path)
    }

    @Test func aNameInTwoFormsOfItsLettersIsOneUnitAndItsOwnFormCounts() throws {
        let name = "F\u{E4}lle"
        try job.record("tile", name, [])
        try seal("tile", name)
        let (own, before) = (try place("tile", name), try status())
        let other = own.deletingLastPathComponent().path + "/F\u{61}\u{308}lle.json"
        let text = try String(contentsOf: own, encoding: .utf8)
        try Data(text.replacing("\"ok\"", with: "\"empty\"").utf8).write(to: URL(filePath: own.path + ".tmp"))
        #expect(rename(own.path + ".tmp", other) == 0)
        #expect(try FolderWalk.names(in: own.deletingLastPathComponent()).count == 4)
        #expect(try status() == before && before.first?.ok == 3)
        try FileManager.default.removeItem(at: own)
        try Data(text.utf8).write(to: URL(filePath: own.path + ".tmp"))
        #expect(rename(own.path + ".tmp", other) == 0)
        #expect(try status().first?.ok == 3)
    }

    @Test func aFolderOfOutcomesMayBeALink() throws {
        let before = try status()
        let (folder, moved) = (job.layout.outcomes(stage: .tile), job.file("moved"))
        try FileManager.default.moveItem(at: folder, to: moved)
        try FileManager.default.createSymbolicLink(at: folder, withDestinationURL: moved)
        #expect(try status() == before)
    }

    @Test(.enabled(if: geteuid() != 0, "skipped: the superuser may read everything"))
    func aRecordThatCannotBeReadIsNoMissingOne() throws {
        let file = try place("tile", "a")
        #expect(chmod(file.path, 0) == 0)
        #expect(try #require(throws: StorageError.self) { try status() }.code == .access)
        #expect(chmod(file.path, 0o644) == 0 && chmod(job.layout.outcomes(stage: .tile).path, 0) == 0)
        let error = #expect(throws: StorageError.self) { try status() }
        #expect(chmod(job.layout.outcomes(stage: .tile).path, 0o755) == 0 && error?.code == .access)
    }

    @Test func recordsThatAreReplacedMeanwhileAreTheOldOrTheNewOnes() async throws {
        let before = try status()
        let (file, outcome) = (try place("heatmap_m", "a"), try Outcome.read(place("heatmap_m", "a")))
        @Sendable func replace() async throws {
            for number in 0..<60 {
                var next = outcome
                next.figures["turn"] = Double(number)
                try next.write(to: file)
            }
        }
        async let replaced: Void = replace()
        for _ in 0..<60 { #expect(try status() == before) }
        try await replaced
    }
}
