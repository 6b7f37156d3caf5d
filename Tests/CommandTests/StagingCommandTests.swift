import Foundation
import TestSupport
import Testing

/// Slides that are copied to a stage before they are read, by the program as a user calls it.
@Suite struct StagingCommandTests {
    private let scratch: Scratch
    private var job: String { scratch["job"].path }
    private var stage: String { scratch["stage"].path }
    private let planted = "PLANTEDSECRET"

    init() throws {
        scratch = try Scratch()
        let sample = try Command.run("sample", scratch["sample"].path, "--slides", "2", "--side", "2048", "--quiet")
        #expect(sample.exit == 0, "\(sample.errors)")
        // Its first argument is an address: what stands after the bucket is the name of a file here.
        let client = """
            #!/bin/sh
            case "$1" in *PLANTEDSECRET*) ;; *) echo "no signature in $1" >&2; exit 1;; esac
            name="${1##*/}"
            exec cp "\(scratch["sample/slides"].path)/${name%%\\?*}" "$2"
            """
        try scratch.write(client, to: "client")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: scratch["client"].path)
    }

    private var names: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: scratch["sample/slides"].path)
                .filter { $0.hasSuffix(".svs") }.sorted()
        }
    }

    private func list() throws -> String {
        let rows = try names.map { "https://me:\(planted)@bucket.example/deep/\($0)?X-Amz-Signature=\(planted)" }
        return try scratch.write("wsi\n\(rows.joined(separator: "\n"))\n", to: "list.csv").path
    }

    private var left: [String] { (try? FileManager.default.contentsOfDirectory(atPath: stage)) ?? [] }

    @Test func stagedSlidesGiveTheSameJobAndLeaveNothing() throws {
        let slides = scratch["sample/slides"].path
        let plain = try Command.run("tile", slides, "--out", scratch["plain"].path, "--workers", "1")
        let staged = try Command.run("tile", slides, "--out", job, "--workers", "1", "--stage", stage)
        #expect(plain.exit == 0 && staged.exit == 0, "\(staged.errors)")
        func results(_ folder: String) -> [String: Data] {
            Scratch.tree(URL(filePath: folder)).filter { !$0.key.hasPrefix("audit/runs/") }
        }
        #expect(results(job) == results(scratch["plain"].path))
        #expect(left.isEmpty)
        let again = try Command.run("tile", slides, "--out", job, "--workers", "1")
        #expect(again.exit == 0)
    }

    @Test func addressesAreTiledByAClientAndNothingSecretIsLeft() throws {
        let list = try list()
        let refused = try Command.run("tile", "--list", list, "--out", job)
        #expect(refused.exit == 2 && refused.errorLines.count == 1 && refused.errors.contains("--stage"))
        let command = "\(scratch["client"].path) {from} {to}"
        let tiled = try Command.run("tile", "--list", list, "--out", job, "--stage", stage, "--stage-command", command)
        #expect(tiled.exit == 0, "\(tiled.errors)")
        // All is done: nothing is copied, so that no stage is needed.
        let again = try Command.run("tile", "--list", list, "--out", job)
        #expect(again.exit == 0, "\(again.errors)")
        // A job remembers no signature, without which this client fails.
        let features = try Command.run(
            "features",
            job,
            "--encoder",
            "he-texture-v1",
            "--stage",
            stage,
            "--stage-command",
            command
        )
        #expect(features.exit == 3 && features.errors.contains("E_COPY"), "\(features.errors)")
        for text in [refused, tiled, again, features].flatMap({ [$0.output, $0.errors] }) {
            #expect(!text.contains(planted))
        }
        let files = Scratch.tree(URL(filePath: job))
        #expect(files.contains { String(decoding: $0.value, as: UTF8.self).contains("https://bucket.example/deep/") })
        for (path, data) in files {
            #expect(data.range(of: Data(planted.utf8)) == nil, "\(path)")
            #expect(data.range(of: Data(stage.utf8)) == nil, "\(path)")
        }
        #expect(left.isEmpty)
    }

    @Test func aCommandOfAConfigNeedsConsent() throws {
        try scratch.write(
            #"{"cohort": {"slides": "s", "labels": "l"}, "model": {"kind": "abmil"}, "stage": {"command": "cp {from} {to}"}}"#,
            to: "study.json"
        )
        let environment = ["WSI_TRUST_FILE": scratch["trusted.json"].path]
        let study = scratch["study.json"].path
        let asked = try Command.run("stage", "trust", study, environment: environment)
        #expect(asked.exit == 5 && asked.errors.contains("command   cp {from} {to}"))
        #expect(try Command.run("stage", "trust", study, "--yes", environment: environment).exit == 0)
        let known = try Command.run("stage", "trust", study, environment: environment)
        #expect(known.exit == 0 && known.errors.contains("already trusted"))
    }

    private func outcomes() throws -> [String: Data] { Scratch.tree(scratch["job/outcomes/tile"]) }

    @Test func aSlideThatHasMovedToAStoreIsComparedOnceAndStands() throws {
        let local = try Command.run("tile", scratch["sample/slides"].path, "--out", job)
        #expect(local.exit == 0, "\(local.errors)")
        let (before, list) = (try outcomes(), try list())
        let command = "\(scratch["client"].path) {from} {to}"
        let moved = try Command.run("tile", "--list", list, "--out", job, "--stage", stage, "--stage-command", command)
        #expect(moved.exit == 0 && moved.errors.contains("2 slide(s) are copied to see"), "\(moved.errors)")
        #expect(try outcomes() == before)
        // From now on the address stands for the slide.
        #expect(try Command.run("tile", "--list", list, "--out", job).exit == 0)
        #expect(left.isEmpty)
    }

    @Test func anotherSlideAtTheNewPlaceIsAConflictAndTheResultStands() throws {
        let local = try Command.run("tile", scratch["sample/slides"].path, "--out", job)
        #expect(local.exit == 0, "\(local.errors)")
        let (before, list, files) = (try outcomes(), try list(), try names)
        let first = scratch["sample/slides/\(files[0])"]
        try FileManager.default.removeItem(at: first)
        try FileManager.default.copyItem(at: scratch["sample/slides/\(files[1])"], to: first)
        let command = "\(scratch["client"].path) {from} {to}"
        let moved = try Command.run("tile", "--list", list, "--out", job, "--stage", stage, "--stage-command", command)
        #expect(moved.exit == 4 && moved.errorLines.count == 1, "\(moved.errors)")
        #expect(try outcomes() == before)
        #expect(left.isEmpty)
    }

    @Test func aSlideThatCannotBeFetchedKeepsItsResultUnderRedo() throws {
        let list = try list()
        func tile(_ client: String, _ flags: String...) throws -> Command {
            let staging = ["--stage", stage, "--stage-command", "\(client) {from} {to}"]
            return try Command.run(["tile", "--list", list, "--out", job] + staging + flags)
        }
        #expect(try tile(scratch["client"].path).exit == 0)
        let before = try outcomes()
        let failed = try tile("/bin/false", "--redo")
        #expect(failed.exit == 75 && failed.errors.contains("did not bring it"), "\(failed.errors)")
        #expect(try outcomes() == before)
        #expect(try tile(scratch["client"].path).exit == 0)
        #expect(try outcomes() == before)
        // Beside slides of another scale it would be false.
        #expect(try tile("/bin/false", "--redo", "--mpp", "1").exit == 3)
        #expect(try outcomes() != before)
    }
}
