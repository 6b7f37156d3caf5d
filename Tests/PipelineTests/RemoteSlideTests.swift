import Config
import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

/// Slides of a list that no path leads to, and what a job knows of them.
@Suite struct RemoteSlideTests {
    private let scratch: Scratch
    private var layout: JobLayout { JobLayout(root: scratch["job"]) }
    private let address = "https://me:hidden1@h/deep/a.svs?sig=hidden2"

    init() throws { scratch = try Scratch() }

    private func entries() throws -> [SlideEntry] {
        let list = try scratch.write(
            "wsi,slide_id,mpp\n\(address),,0.5\ns3://b/x?versionId=hidden3,c,\n",
            to: "list.csv"
        )
        return try SlideList.read(list: list).entries
    }

    private func stage(redo: Bool = false, mpp: Double = 0.5) throws -> TileStage {
        var tiling = TilingConfig()
        tiling.mpp = mpp
        let settings = WorkSettings(workers: 1, redo: redo, programs: Programs(wsi: "/none", compute: "/none"))
        return TileStage(layout: layout, entries: try entries(), tiling: tiling, settings: settings)
    }

    /// A result of slide `a` as `stage` would make it.
    private func tile(_ stage: TileStage, digest: String) throws {
        let picture = layout.thumbnails.appending(path: "a.jpg")
        try AtomicFile.write("picture", to: picture)
        var fingerprint = Fingerprint(
            format: 2,
            stage: "tile",
            parameters: try stage.parameters(of: stage.entries[0]),
            inputs: [:]
        )
        fingerprint[.slide] = digest
        var outcome = Outcome(unit: try UnitID("a"), stage: .tile, status: .ok, fingerprint: fingerprint)
        try outcome.record([picture], in: layout)
        try outcome.write(to: layout.outcome(stage: .tile, outcome.unit))
    }

    @Test func aListNamesThemByTheLastPartOfTheirAddress() throws {
        let entries = try entries()
        #expect(entries.map(\.id.text) == ["a", "c"])
        #expect(entries.map(\.path) == ["https://h/deep/a.svs", "s3://b/x"])
        #expect(entries.map(\.mpp) == [0.5, nil])
        #expect(entries.map(\.isRemote) == [true, true])
        #expect(entries[0].address?.whole == address)
        #expect(try SlideList.find(paths: [address]).entries.map(\.path) == ["https://h/deep/a.svs"])
        let twice = try scratch.write("wsi\n\(address)\ns3://b/a.tif\n", to: "twice.csv")
        let error = #expect(throws: StorageError.self) { try SlideList.read(list: twice) }
        #expect("\(error.map { "\($0)" } ?? "")".contains("already on line 2"))
        #expect(throws: Failure.self) { try SlideList.find(paths: ["s3://b/.."]) }
    }

    @Test func noRecordOfAJobHoldsASecret() throws {
        try SlidePaths.record(try entries(), in: layout)
        let encoded = String(decoding: try CanonicalJSON.line(try entries()), as: UTF8.self)
        let files = Scratch.tree(layout.root).values.map { String(decoding: $0, as: UTF8.self) } + [encoded]
        #expect(files.count == 2 && files.allSatisfy { $0.contains("https://h/deep/a.svs") })
        #expect(files.allSatisfy { !$0.contains("hidden") && !$0.contains("me:") })
        #expect(try SlidePaths.read(layout).path(of: SlideID("a")) == "https://h/deep/a.svs")
    }

    @Test func aNewSlideWaitsForItsFirstCopyAndIsRefusedWithoutAStage() async throws {
        let stage = try stage()
        let known = try await StagedDigests(of: stage) { _ in }
        #expect(known.digests.values.sorted() == [TileStage.uncopied, TileStage.uncopied] && known.moved.isEmpty)
        let failure = await #expect(throws: Failure.self) { try await stage.run { _ in } }
        #expect(failure?.code == .usage && failure?.message.contains("--stage") == true)
        #expect(failure?.description.contains("hidden") == false)
    }

    @Test func anAddressStandsForItsContentUntilRedo() async throws {
        let digest = Digest.sha256(Data("slide".utf8))
        try tile(try stage(), digest: digest)
        try SlidePaths.record(try entries(), in: layout)
        #expect(try await StagedDigests(of: stage()) { _ in }.digests[SlideID("a")] == digest)
        // The same again with --redo is looked at, for which there is no stage here; what is made again anyway is not.
        await #expect(throws: Failure.self) { try await StagedDigests(of: stage(redo: true)) { _ in } }
        let redone = try await StagedDigests(of: stage(redo: true, mpp: 1)) { _ in }
        #expect(redone.digests[try SlideID("a")] == TileStage.uncopied)
    }

    @Test func aSlideFromAnotherPlaceIsLookedAtByACopy() async throws {
        let content = "the same slide"
        try tile(try stage(), digest: Digest.sha256(Data(content.utf8)))
        let entry = SlideEntry(id: try SlideID("a"), path: "/share/a.svs")
        try SlidePaths.record([entry], in: layout)
        try FileManager.default.createDirectory(at: scratch["stage"], withIntermediateDirectories: true)
        for (said, works) in [(content, true), ("another slide", true), ("", false)] {
            let script = try scratch.write("#!/bin/sh\nprintf '%s' '\(said)' > \"$2\"\n", to: "client")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
            var copier = try ClientCopier(ClientCommand("\(script.path) {from} {to}"))
            copier.pauses = []
            var stage = try stage()
            stage.settings.staging = Staging(
                folder: scratch["stage"],
                limit: 1000,
                files: FileCopier(),
                client: .success(copier)
            )
            let known = try await StagedDigests(of: stage) { _ in }
            let found = try #require(known.digest(of: stage.entries[0]))
            #expect(known.moved == [entry.id])
            #expect(works == (found.fault == nil))
            if works { #expect(found.digest == Digest.sha256(Data(said.utf8))) }
            // Nothing that stands is judged by what did not come.
            if !works { #expect(found.fault?.code.isOfMachine == true) }
        }
    }

    @Test func verifyingSaysThatTheyWereNotCompared() throws {
        try tile(try stage(), digest: Digest.sha256(Data("slide".utf8)))
        try SlidePaths.record(try entries(), in: layout)
        let report = try Verification(layout: layout, slides: true).run(progress: { _ in })
        #expect(report.notes.contains { $0.contains("only a client gets them: not compared: a") })
        #expect(!report.findings.contains { $0.path.contains("://") })
    }
}
