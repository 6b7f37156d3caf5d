import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// Files of a job against what an outcome has on record of them.
@Suite struct RecordedFilesTests {
    private let scratch: Scratch
    private let layout: JobLayout
    private let file: URL

    init() throws {
        scratch = try Scratch()
        layout = JobLayout(root: scratch.file("job"))
        file = layout.root.appending(path: "predictions/m/S1.h5")
        try AtomicFile.write("twelve bytes", to: file)
    }

    private func recorded() throws -> Outcome {
        var outcome = Outcome(
            unit: try UnitID("S1"),
            stage: StageName("predict_m"),
            status: .ok,
            fingerprint: Fingerprint(stage: "predict", parameters: [:], inputs: [:])
        )
        try outcome.record([file], in: layout)
        return outcome
    }

    @Test func anOutcomeKnowsSizeAndDigestOfItsFilesByTheirPathInTheJob() throws {
        let outcome = try recorded()
        #expect(outcome.sizes == ["predictions/m/S1.h5": 12])
        #expect(outcome.outputs == ["predictions/m/S1.h5": Digest.sha256(Data("twelve bytes".utf8))])
        #expect(try outcome.damage(in: layout) == nil)
    }

    @Test(arguments: [
        ("", Damage.Kind.size(0, recorded: 12), true), ("twelve", .size(6, recorded: 12), true),
        ("twelve bytes and more", .size(21, recorded: 12), true), ("Twelve bytes", .content, false),
    ])
    func aFileThatIsNotWhatWasWrittenIsTold(text: String, kind: Damage.Kind, bySize: Bool) throws {
        let outcome = try recorded()
        try AtomicFile.write(text, to: file)
        #expect(try outcome.damage(in: layout) == Damage("predictions/m/S1.h5", kind))
        #expect(try outcome.damage(in: layout, .size) == (bySize ? Damage("predictions/m/S1.h5", kind) : nil))
    }

    @Test func aFileThatIsGoneOrAFolderByNowIsTold() throws {
        let outcome = try recorded()
        try FileManager.default.removeItem(at: file)
        #expect(try outcome.damage(in: layout, .size) == Damage("predictions/m/S1.h5", .gone))
        try FileManager.default.createDirectory(at: file, withIntermediateDirectories: false)
        #expect(try outcome.damage(in: layout) == Damage("predictions/m/S1.h5", .gone))
    }

    @Test(.enabled(if: geteuid() != 0, "skipped: the superuser may read everything"))
    func aFileThatMayNotBeReadIsTold() throws {
        let outcome = try recorded()
        try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: file.path)
        let kind = try #require(try outcome.damage(in: layout)).kind
        #expect(kind == .unreadable("open: Permission denied"))
    }

    @Test func onlyTheOutputsThatAreReadAreLookedAt() throws {
        var outcome = try recorded()
        let picture = layout.root.appending(path: "thumbnails/S1.jpg")
        try AtomicFile.write("picture", to: picture)
        try outcome.record([picture], in: layout)
        try FileManager.default.removeItem(at: picture)
        #expect(try outcome.damage(in: layout) { $0.hasSuffix(".h5") } == nil)
        #expect(try outcome.damage(in: layout)?.text == "thumbnails/S1.jpg is gone")
    }

    @Test func theErrorNamesTheFileAndWhatMakesItAgain() throws {
        let outcome = try recorded()
        try AtomicFile.write("", to: file)
        let error = try #require(throws: Failure.self) { try outcome.check(in: layout) }
        #expect((error.code, error.subject) == (.digest, "S1"))
        #expect(error.code.exitStatus == .integrity)
        #expect(
            error.message
                == "predictions/m/S1.h5 has 0 bytes, of 12 that were written; run wsi predict \(layout.root.path) --model m"
        )
    }

    @Test func anOutcomeOfAnEarlierVersionIsReadAndItsDigestsHold() throws {
        let digest = Digest.sha256(Data("twelve bytes".utf8))
        let text = """
            {"unit": "S1", "stage": "predict_m", "status": "ok", "figures": {}, "facts": {},
             "fingerprint": {"format": 1, "stage": "predict", "parameters": {}, "inputs": {}},
             "outputs": {"predictions/m/S1.h5": "\(digest)"}}
            """
        let outcome = try JSONDecoder().decode(Outcome.self, from: Data(text.utf8))
        #expect(outcome.sizes == nil)
        #expect(try outcome.damage(in: layout) == nil)
        try AtomicFile.write("twelve", to: file)
        #expect(try outcome.damage(in: layout, .size) == nil)
        #expect(try outcome.damage(in: layout)?.kind == .content)
    }
}
