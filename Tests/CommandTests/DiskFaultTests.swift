import Files
import Foundation
import Records
import Sample
import Storage
import TestSupport
import Testing

/// Disks that fail while slides are read.
@Suite struct DiskFaultTests {
    private let scratch: Scratch
    private var slides: String { scratch["slides"].path }

    init() throws {
        scratch = try Scratch()
        try slide("good")
    }

    private func slide(_ name: String) throws {
        let image = try PixelArray(size: PixelSize(width: 1024, height: 768), red: 190, green: 90, blue: 160)
        try AtomicFile.createFolder(scratch["slides"])
        try PyramidWriter.write(image, to: scratch["slides/\(name).svs"], options: PyramidOptions(levels: 3))
    }

    private func outcome(_ id: String) throws -> Outcome {
        try CanonicalJSON.read(Outcome.self, from: scratch["job/outcomes/tile/\(id).json"])
    }

    @Test func aSlideThatTheDiskDoesNotGiveFailsAloneAndIsTiledOnceItDoes() throws {
        let bad = scratch["slides/bad.svs"]
        // Of this file the system gives no byte (EIO): the first page of a process's memory is never there.
        try FileManager.default.createSymbolicLink(atPath: bad.path, withDestinationPath: "/proc/self/mem")
        let result = try Command.run("tile", slides, "--out", scratch["job"].path)
        #expect(result.exit == 75)
        #expect(result.errors.contains("error[E_IO] bad: read: Input/output error"), "\(result.errors)")
        #expect(result.errors.contains("tile: 2 slides: 1 ok, 0 empty, 1 failed"), "\(result.errors)")
        #expect(try outcome("good").status == .ok && outcome("bad").failure?.code == .io)
        #expect(Scratch.tree(scratch["job"]).keys.filter { $0.contains("bad") } == ["outcomes/tile/bad.json"])
        try FileManager.default.removeItem(at: bad)
        try slide("bad")
        #expect(try Command.run("tile", slides, "--out", scratch["job"].path).exit == 0)
        #expect(try outcome("bad").status == .ok)
    }

    private static let canInject: Bool = {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["strace", "-qq", "-o", "/dev/null", "-e", "inject=fsync:error=EIO", "true"]
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test(.enabled(if: canInject, "skipped: strace cannot be used here"))
    func aRecordThatTheDiskDoesNotGiveIsNoMissingOne() throws {
        let job = scratch["job"].path
        #expect(try Command.run("tile", slides, "--out", job).exit == 0)
        let before = Scratch.tree(scratch["job"]).filter { !$0.key.hasPrefix("audit/") }
        let tracer = [
            "strace", "-f", "-qq", "-o", "/dev/null", "-P", scratch["job/outcomes/tile/good.json"].path, "-e",
            "trace=read", "-e", "inject=read:error=EIO",
        ]
        for arguments in [["tile", slides, "--out", job], ["features", job, "--encoder", "he-texture-v1"]] {
            let result = try Command.run(arguments, tracer: tracer)
            #expect(result.exit == 75 && result.errors.contains("error[E_IO]"), "\(result.errors)")
            #expect(Scratch.tree(scratch["job"]).filter { !$0.key.hasPrefix("audit/") } == before)
        }
    }

    /// One call on the slide fails in each process; the two tries of a slide meet it both.
    @Test(.enabled(if: canInject, "skipped: strace cannot be used here"), arguments: ["openat", "read"])
    func oneFailedCallNeverMakesAnotherResult(call: String) throws {
        let path = scratch["slides/good.svs"].path
        func tile(_ job: String, _ injection: [String]) throws -> (command: Command, tree: [String: Data]) {
            let command = try Command.run(
                ["tile", slides, "--out", scratch[job].path, "--workers", "1"],
                tracer: injection.isEmpty ? [] : ["strace", "-f", "-qq", "-o", "/dev/null"] + injection
            )
            return (command, Scratch.tree(scratch[job]).filter { !$0.key.hasPrefix("audit/") })
        }
        let clean = try tile("clean", [])
        #expect(clean.command.exit == 0)
        for count in [1, 2, 3, 5, 8, 13, 21, 34] {
            let (command, tree) = try tile(
                "job_\(count)",
                ["-P", path, "-e", "trace=\(call)", "-e", "inject=\(call):error=EIO:when=\(count)"]
            )
            if command.exit == 0 {
                #expect(tree == clean.tree, "\(call) \(count)")
                continue
            }
            // OpenSlide itself may crash where a read fails.
            let codes = ["error[E_IO] good", "error[E_WORKER_SIGNAL] good"]
            #expect(codes.contains { command.errors.contains($0) }, "\(call) \(count): \(command.errors)")
            #expect(tree.keys.allSatisfy { $0.hasPrefix("outcomes/") }, "\(call) \(count): \(tree.keys)")
        }
    }
}
