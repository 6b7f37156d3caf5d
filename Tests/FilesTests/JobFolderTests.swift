import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// No link leads out of a job, whether the kernel sees to it or the path is walked.
@Suite struct JobFolderTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        for folder in ["job/heatmaps", "out", "big"] {
            try FileManager.default.createDirectory(at: scratch.file(folder), withIntermediateDirectories: true)
        }
        try Data("inside".utf8).write(to: scratch.file("job/heatmaps/a.png"))
        try Data("secret".utf8).write(to: scratch.file("out/secret"))
        try Data("large".utf8).write(to: scratch.file("big/file"))
        try link("job/heatmaps/x.png", to: scratch.file("out/secret").path)
        try link("job/heatmaps/up.png", to: "../../out/secret")
        try link("job/heatmaps/same.png", to: "a.png")
        try link("job/heatmaps/absolute.png", to: scratch.file("job/heatmaps/a.png").path)
        try link("job/thumbnails", to: scratch.file("out").path)
        try link("job/20x", to: "../big")
        try link("job/dead", to: "/nowhere/at/all")
        try link("job/loop", to: "loop")
        try link("job/device", to: "/dev/zero")
        try link("job/root", to: "/proc/self/root")
        #expect(mkfifo(scratch.file("job/pipe").path, 0o600) == 0)
    }

    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: scratch.file(path).path, withDestinationPath: target)
    }

    private func job(_ asksKernel: Bool, following: [String] = []) throws -> JobFolder {
        var job = try JobFolder(scratch.file("job"), following: following.map(scratch.file))
        job.asksKernel = asksKernel
        return job
    }

    /// What is read, or the error's code.
    private func read(_ path: String, of job: JobFolder) -> String {
        do { return String(decoding: try job.data(path), as: UTF8.self) } catch { return error.code.rawValue }
    }

    @Test(arguments: [true, false])
    func whatLiesInTheJobIsReadAndNothingElse(asksKernel: Bool) throws {
        let job = try job(asksKernel)
        for path in ["heatmaps/a.png", "heatmaps/same.png", "heatmaps/absolute.png", "./heatmaps//a.png"] {
            #expect(read(path, of: job) == "inside", "\(path)")
        }
        for path in [
            "heatmaps/x.png", "heatmaps/up.png", "thumbnails/secret", "20x/file", "device", "root/etc/passwd",
            "../out/secret",
            "heatmaps/../heatmaps/a.png", "/etc/passwd", "heatmaps/a.png\0",
        ] {
            #expect(read(path, of: job) == "E_UNSAFE_ID", "\(path)")
        }
        for path in ["pipe", "dead", "loop", "heatmaps", "", "nothing", "heatmaps/a.png/b"] {
            #expect(read(path, of: job) == "E_NOT_FOUND", "\(path)")
        }
    }

    @Test(arguments: [true, false])
    func aLinkMayLeadIntoAFolderThatTheUserNames(asksKernel: Bool) throws {
        let job = try job(asksKernel, following: ["big"])
        #expect(read("20x/file", of: job) == "large")
        #expect(read("heatmaps/x.png", of: job) == "E_UNSAFE_ID")
        try job.makeFolder("20x/patches/deep")
        #expect(RegularFile.kind(of: scratch.file("big/patches/deep").path) == .folder)
        #expect(throws: StorageError.self) { try JobFolder(scratch.file("job"), following: [scratch.file("nothing")]) }
    }

    @Test(arguments: [true, false])
    func theLinkIsNamedAndNotWhatLiesBehindIt(asksKernel: Bool) throws {
        let error = #expect(throws: StorageError.self) { try job(asksKernel).data("thumbnails/secret") }
        #expect(error?.code.exitStatus == .refused)
        #expect(error?.message == "thumbnails is a link out of the job; start with --follow-links FOLDER to allow it")
    }

    @Test(arguments: [true, false])
    func foldersAndLinesAreMadeInTheJobOnly(asksKernel: Bool) throws {
        let job = try job(asksKernel)
        try job.makeFolder("review/decisions")
        for path in ["thumbnails", "thumbnails/new", "20x/new", "root/tmp/new", "../new"] {
            let error = #expect(throws: StorageError.self) { try job.makeFolder(path) }
            #expect(error?.code == .unsafeID, "\(path)")
        }
        #expect(throws: StorageError.self) { try job.makeFolder("dead/new") }
        close(try job.openForAppending("review/decisions/S1.jsonl"))
        for path in ["heatmaps/x.png", "thumbnails/S1.jsonl", "device", "pipe"] {
            #expect(throws: StorageError.self, "\(path)") { try job.openForAppending(path) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("out").path) == ["secret"])
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("big").path) == ["file"])
    }

    @Test func aFileThatIsTooLargeIsNotRead() throws {
        #expect(throws: StorageError.self) { try job(true).data("heatmaps/a.png", limit: 5) }
        #expect(try job(true).data("heatmaps/a.png", limit: 6).count == 6)
    }
}

/// The rule of a whole process, whichever part of it reads or writes.
@Suite struct JobFenceTests {
    private let scratch: Scratch
    private var job: URL { scratch.file("job") }

    init() throws {
        scratch = try Scratch()
        for folder in ["job/20x", "out"] {
            try FileManager.default.createDirectory(at: scratch.file(folder), withIntermediateDirectories: true)
        }
        try Data("{}".utf8).write(to: scratch.file("out/S1.json"))
    }

    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(
            at: scratch.file(path),
            withDestinationURL: scratch.file(target)
        )
    }

    @Test func aFolderThatIsALinkOutOfTheJobIsRefusedBeforeAnyWork() throws {
        try link("job/20x/patches", to: "out")
        let error = #expect(throws: StorageError.self) { try JobFence.raise(around: job) }
        #expect(error?.message.hasPrefix("20x/patches is a link out of the job; ") == true)
        try JobFence.raise(around: job, following: [scratch.file("out")])
        try AtomicFile.write("allowed", to: scratch.file("job/20x/patches/S1.h5"))
        #expect(RegularFile.kind(of: scratch.file("out/S1.h5").path) == .regular(bytes: 7))
    }

    @Test func aLinkThatComesLaterIsRefusedByWhatWrites() throws {
        try JobFence.raise(around: job)
        try AtomicFile.write("before", to: scratch.file("job/thumbnails/S1.jpg"))
        try FileManager.default.removeItem(at: scratch.file("job/thumbnails"))
        try link("job/thumbnails", to: "out")
        let error = #expect(throws: StorageError.self) {
            try AtomicFile.write("after", to: scratch.file("job/thumbnails/S1.jpg"))
        }
        #expect(error?.code == .unsafeID)
        #expect(throws: StorageError.self) { try Journal.append("x", to: scratch.file("job/thumbnails/S1.jsonl")) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.file("out").path) == ["S1.json"])
        // A file that is a link is replaced, and its target left alone.
        try link("job/20x/S1.json", to: "out/S1.json")
        try AtomicFile.write("new", to: scratch.file("job/20x/S1.json"))
        #expect(try Data(contentsOf: scratch.file("out/S1.json")) == Data("{}".utf8))
        // Another folder is none of its business, whatever its name begins with.
        try link("job2", to: "out")
        try AtomicFile.write("other", to: scratch.file("job2/S2.json"))
    }

    @Test func whoOnlyReadsIsHeldToItWhereTheServerIs() throws {
        try link("job/20x/S1.json", to: "out/S1.json")
        try JobFence.raise(around: job)
        #expect(try RegularFile.data(scratch.file("job/20x/S1.json")) == Data("{}".utf8))
        try JobFence.raise(around: job, reads: true)
        for read in [{ try RegularFile.data($0) }, { Data(try Digest.quick(fileAt: $0).utf8) }]
            as [(URL) throws -> Data]
        {
            let error = #expect(throws: StorageError.self) { try read(scratch.file("job/20x/S1.json")) }
            #expect(error?.code == .unsafeID)
        }
    }

    @Test func whatIsReadByLibhdf5IsHeldToItToo() throws {
        let grid = try sampleGrid(count: 3)
        try PatchFile.write(grid, attributes: [:], to: scratch.file("out/S1.h5"))
        try PatchFile.write(grid, attributes: [:], to: scratch.file("job/20x/S2.h5"))
        try link("job/20x/S1.h5", to: "out/S1.h5")
        try JobFence.raise(around: job, reads: true)
        #expect(throws: StorageError.self) { try PatchFile.read(scratch.file("job/20x/S1.h5")) }
        #expect(try PatchFile.read(scratch.file("job/20x/S2.h5")).0.corners == grid.corners)
        try JobFence.raise(around: job, following: [scratch.file("out")], reads: true)
        #expect(try PatchFile.read(scratch.file("job/20x/S1.h5")).0.corners == grid.corners)
    }

    @Test func processesThatAreStartedKnowIt() throws {
        try JobFence.raise(around: job)
        let text = try #require(JobFence.environment["WSI_JOB_FENCE"])
        #expect(text.contains(job.path) && !text.contains("\n"))
    }
}
