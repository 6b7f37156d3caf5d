import Config
import Foundation
import Records
import Synchronization
import TestSupport
import Testing

@testable import Files
@testable import Pipeline

@Suite struct StagingTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        try FileManager.default.createDirectory(at: scratch["stage"], withIntermediateDirectories: true)
    }

    /// A client of a few lines of shell: `$1` is where from, `$2` where to.
    private func client(_ script: String, patience: Duration = .seconds(60), tries: Int = 1) throws -> ClientCopier {
        let file = try scratch.write("#!/bin/sh\n\(script)\n", to: "client")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        var copier = try ClientCopier(ClientCommand("\(file.path) {from} {to} --key=topsecretkey"))
        (copier.patience, copier.look) = (patience, .milliseconds(20))
        copier.pauses = Array(repeating: .milliseconds(1), count: tries - 1)
        return copier
    }

    private func staging(limit: Int = 1_000_000, client: ClientCopier? = nil) -> Staging {
        let none = Failure(.usage, nil, "no client")
        return Staging(
            folder: scratch["stage"],
            limit: limit,
            files: FileCopier(),
            client: client.map { .success($0) } ?? .failure(none)
        )
    }

    private func place(
        _ staging: Staging,
        _ slide: String,
        at place: String,
        progress: @escaping ProgressSink = { _ in }
    ) async throws -> (place: StagedSlide.Place, slide: StagedSlide) {
        let staged = staging.begin(try SlideID(slide), at: place, progress: progress)
        return (try await staged.place(), staged)
    }

    private func refusal(_ staging: Staging, at place: String) async throws -> Failure {
        let staged = staging.begin(try SlideID("s"), at: place) { _ in }
        let failure = await #expect(throws: Failure.self) { try await staged.place() }
        await staged.release()
        #expect(scratch.stage.isEmpty && staging.room.used == 0)
        return try #require(failure)
    }

    @Test func aSlideIsCopiedUnderItsNameAndTheCopyGoesWithIt() async throws {
        let file = try scratch.write("slide", to: "share/a.svs")
        let staging = staging()
        let (place, staged) = try await place(staging, "a", at: file.path)
        #expect(place.path.hasPrefix(scratch["stage"].path) && place.path.hasSuffix(".tmp/a.svs"))
        #expect(try Data(contentsOf: URL(filePath: place.path)) == Data("slide".utf8))
        #expect(place.digest == (try SlideDigest.quick(file.path)))
        #expect(staging.room.used == 5)
        await staged.release()
        #expect(scratch.stage.isEmpty && staging.room.used == 0)
    }

    @Test func theFolderOfASlideIsCopiedWithIt() async throws {
        let file = try scratch.write("index", to: "share/m.mrxs")
        try scratch.write("data", to: "share/m/Data0000.dat")
        try scratch.write("ini", to: "share/m/Slidedat.ini")
        try scratch.write("other", to: "share/n.mrxs")
        let (place, staged) = try await place(staging(), "m", at: file.path)
        let folder = try #require(place.folder)
        #expect(Scratch.tree(folder).keys.sorted() == ["m.mrxs", "m/Data0000.dat", "m/Slidedat.ini"])
        #expect(place.digest == (try SlideDigest.quick(file.path)))
        await staged.release()
    }

    @Test func whatIsLargerThanTheStageIsReadWhereItLies() async throws {
        let file = try scratch.write("0123456789", to: "share/a.svs")
        let notes = Mutex<[String]>([])
        let staging = staging(limit: 9)
        let (place, staged) = try await place(staging, "a", at: file.path) { event in
            if case .note(let text) = event { notes.withLock { $0.append(text) } }
        }
        #expect(place == StagedSlide.Place(path: file.path))
        #expect(notes.withLock { $0 } == ["a: 10 bytes are more than the stage's 9 bytes; read where it lies"])
        await staged.release()
    }

    @Test func aSlideThatIsGoneIsLeftToItsWorker() async throws {
        let path = scratch["share/none.svs"].path
        let (place, staged) = try await place(staging(), "none", at: path)
        #expect(place == StagedSlide.Place(path: path))
        await staged.release()
    }

    @Test func aClientGetsTheWholeAddressAsOneWordAndItsFileIsTheSlide() async throws {
        let address = try #require(RemoteAddress("s3://b/deep/x y.tif?sig='secret'&$(id)"))
        let staging = staging(client: try client(#"printf %s "$1" > "$2"; echo noise"#))
        let entry = try SlideEntry(remote: address)
        staging.know([entry])
        let (place, staged) = try await place(staging, entry.id.text, at: entry.path)
        #expect(place.path.hasSuffix("/x y.tif"))
        #expect(try String(contentsOfFile: place.path, encoding: .utf8) == address.whole)
        await staged.release()
        #expect(scratch.stage.isEmpty)
    }

    @Test func aClientThatFailsIsTriedAgainAndThenFailsTheSlideWithItsLastLine() async throws {
        let tries = scratch["tries"].path
        let script = "echo try >> '\(tries)'; : > \"$2.part\"; echo first >&2; echo \"no $1 for $3 at $2\" >&2; exit 4"
        let staging = staging(client: try client(script, tries: 3))
        staging.know([try SlideEntry(remote: try #require(RemoteAddress("https://u:hidden1@h/s.svs?k=hidden2")))])
        let failure = try await refusal(staging, at: "https://h/s.svs")
        #expect(failure.code == .copy && failure.subject == "s")
        #expect(
            failure.message
                == "client did not bring it from https://h/s.svs in 3 tries: it ended with 4: no https://h/s.svs for --key=… at "
                + "{to}/s.svs"
        )
        #expect(try String(contentsOfFile: tries, encoding: .utf8) == "try\ntry\ntry\n")
    }

    @Test func aClientThatBringsNothingMoreIsEnded() async throws {
        let copier = try client(#"echo begun > "$2"; exec sleep 600"#, patience: .milliseconds(200))
        let failure = try await refusal(staging(client: copier), at: "s3://b/s.svs")
        #expect(failure.code == .copy && failure.message.contains("nothing more came for 0 s"))
    }

    @Test func aClientThatLeavesNoFileIsAFailure() async throws {
        let failure = try await refusal(staging(client: try client("exit 0")), at: "s3://b/s.svs")
        #expect(failure.code == .copy && failure.message.contains("left no file at {to}"))
    }

    @Test func anAddressThatEndsWithASlashIsTheFolderOfOneSlide() async throws {
        let script = #"mkdir -p "$2/m"; echo i > "$2/m.mrxs"; echo d > "$2/m/Data.dat""#
        let (place, staged) = try await place(staging(client: try client(script)), "case 1", at: "s3://b/case 1/")
        #expect(place.path.hasSuffix("/case 1/m.mrxs"))
        await staged.release()
        let two = try client(#"mkdir "$2"; echo i > "$2/a.svs"; echo i > "$2/b.svs""#)
        #expect(try await refusal(staging(client: two), at: "s3://b/two/").message.contains("left 2 slides"))
    }

    @Test func aSlideOfUnknownSizeThatIsLargerThanTheStageFailsAlone() async throws {
        let copier = try client(#"head -c 5000 /dev/zero > "$2""#)
        let failure = try await refusal(staging(limit: 4000, client: copier), at: "s3://b/s.svs")
        #expect(failure.message == "it is larger than the stage, 4.0 kB; give a larger --stage-size")
    }

    @Test func withoutAClientAnAddressIsRefused() async throws {
        #expect(try await refusal(staging(), at: "s3://b/s.svs").code == .usage)
        var settings = WorkSettings(workers: 1, programs: Programs(wsi: "/none", compute: "/none"))
        let places = [(slide: try SlideID("s"), place: "s3://b/s.svs")]
        let failure = #expect(throws: Failure.self) { try settings.checkStage(for: places) }
        #expect(failure?.code == .usage && failure?.message.contains("--stage DIR") == true)
        settings.staging = staging()
        #expect(throws: Failure.self) { try settings.checkStage(for: places) }
        settings.staging = staging(client: try client("exit 0"))
        try settings.checkStage(for: places)
        #expect(throws: Failure.self) { try ClientCopier(ClientCommand("no-such-client-anywhere {from} {to}")) }
    }

    @Test func theNextSlidesComeWhileOthersAreWorkedOn() async throws {
        let jobs = try (0..<5).map { index in
            let slide = try SlideID("s\(index)")
            let file = try scratch.write("slide \(index)", to: "share/s\(index).svs")
            let source = PatchSource(slide: slide, slidePath: file.path, patches: file, job: file)
            let task = FeatureTask(source: source, outputs: [], socket: nil)
            return WorkerPool.Job(slide: slide, results: [], task: .features(task))
        }
        var queue = StagedQueue(jobs.makeIterator(), staging(), ahead: 2) { _ in }
        let next = queue.next()
        let first = try #require(next)
        #expect(first.job.slide.text == "s0")
        // Two more are on their way, and the rest is not touched.
        for _ in 0..<500 where scratch.stage.count < 3 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(scratch.stage.count == 3)
        _ = try await first.slide?.place()
        await first.slide?.release()
        let left = await queue.close()
        #expect(left.map(\.slide.text) == ["s1", "s2", "s3", "s4"])
        #expect(scratch.stage.isEmpty)
    }

    @Test func aJobReadsTheCopyAndIsHeldToTheSlideItIsAbout() throws {
        let slide = try SlideID("s")
        let digest = Digest.sha256(Data("slide".utf8))
        func job(_ known: String) -> WorkerPool.Job {
            var fingerprint = Fingerprint(stage: "tile", parameters: [:], inputs: [:])
            fingerprint[.slide] = known
            let task = TileTask(
                entry: SlideEntry(id: slide, path: "/share/s.svs"),
                tiling: TilingConfig(),
                job: scratch.folder,
                fingerprint: fingerprint
            )
            return WorkerPool.Job(slide: slide, stage: .tile, fingerprint: fingerprint, task: .tile(task))
        }
        let place = StagedSlide.Place(path: "/stage/s.svs", digest: digest)
        for known in [digest, TileStage.uncopied] {
            let ready = try job(known).reading(place)
            #expect(ready.task.slidePath == "/stage/s.svs")
            #expect(ready.results[0].fingerprint[.slide] == digest)
            guard case .tile(let task) = ready.task else {
                Issue.record("another task")
                return
            }
            #expect(task.fingerprint[.slide] == digest)
        }
        let other = Digest.sha256(Data("other".utf8))
        #expect(throws: Failure.self) { try job(other).reading(place) }
        #expect(try job(other).reading(StagedSlide.Place(path: "/share/s.svs")).task.slidePath == "/share/s.svs")
    }

    @Test func whatDeadProcessesLeftIsRemovedAndNothingElse() throws {
        let live = try scratch.write(
            "x",
            to: "stage/\(AtomicFile.temporary(beside: scratch["stage/x"]).lastPathComponent)/a"
        )
        let own = live.deletingLastPathComponent().lastPathComponent
        // The number of a process that has never been, with all else as it is.
        let words = own.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        let place = try #require(words.firstIndex(of: "\(getpid())"))
        var dead = words
        dead[place] = "4194999"
        try scratch.write("x", to: "stage/\(dead.joined(separator: "-"))/deep/a")
        try scratch.write("x", to: "stage/mine.txt")
        try Staging(folder: scratch["stage"], limit: nil, client: .none).prepare()
        #expect(scratch.stage == [own, "mine.txt"].sorted())
        Temporaries.discard(live.deletingLastPathComponent())
    }
}

extension Scratch {
    /// What lies on the stage.
    fileprivate var stage: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: file("stage").path)) ?? []).sorted()
    }
}
