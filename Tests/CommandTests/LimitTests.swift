import Foundation
import TestSupport
import Testing

/// Machines that give less than the work needs.
@Suite struct LimitTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
        _ = try scratch.write("no slide", to: "slides/a.svs")
        try FileManager.default.createDirectory(at: scratch["empty"], withIntermediateDirectories: true)
    }

    private func tile(_ shell: String, _ more: [String] = []) throws -> Command {
        let wsi = Command.programs.appending(path: "wsi").path
        let arguments = ["tile", scratch["slides"].path, "--out", scratch["job"].path, "--workers", "2"] + more
        return try Command.run(["-c", shell, "bash", wsi] + arguments, of: "/bin/bash")
    }

    @Test(arguments: ["-n 6", "-n 12", "-n 24", "-s 64", "-f 1", "-v 700000", "-v 1500000"])
    func aLimitThatIsTooSmallIsSaidBeforeAnyWork(limit: String) throws {
        let result = try tile("ulimit \(limit) && exec \"$@\"")
        #expect(result.exit == 75, "\(result.errors)")
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(result.errors.hasPrefix("wsi: error[E_LIMIT] ulimit \(limit.prefix(2)): "))
        #expect(!FileManager.default.fileExists(atPath: scratch["job"].path))
    }

    /// Where not even the libraries find a place, the loader says so. Where memory ends in the middle of work, Swift's own allocator speaks
    /// first.
    @Test func withLittleAddressSpaceEveryCommandEndsAndSaysWhy() throws {
        func run(_ kilobytes: Int, _ arguments: String...) throws -> Command {
            let wsi = Command.programs.appending(path: "wsi").path
            let shell = "ulimit -c 0; ulimit -v \(kilobytes) && exec timeout -s KILL 30 \"$@\""
            return try Command.run(["-c", shell, "bash", wsi] + arguments, of: "/bin/bash")
        }
        let commands = [("status", scratch["empty"].path), ("info", scratch["slides/a.svs"].path)]
        let loads = try stride(from: 100_000, to: 600_000, by: 10_000).first { try run($0, "--version").exit == 0 }
        let least = try #require(loads)
        for more in stride(from: 0, through: 120_000, by: 10_000) {
            for (verb, path) in commands {
                let result = try run(least + more, verb, path)
                #expect([0, 3, 75].contains(result.exit), "\(least + more) kB, \(verb): \(result.errors)")
                if result.exit == 75 {
                    let lines = result.errors.split(separator: "\n")
                    // Also where a thread finds no place, which other limits may forbid as well.
                    let said = lines.last.map(String.init) ?? ""
                    #expect(said.hasPrefix("wsi: error[E_LIMIT] ") && said.contains("ulimit -v"), "\(result.errors)")
                    #expect(lines.count == 1 || result.errors.contains("failed to allocate"), "\(result.errors)")
                }
            }
        }
    }

    /// Tens of MB are left each time, and what the table's cells need finds no place.
    @Test func aLargeAllocationThatFindsNoPlaceIsSaidWhateverIsLeft() throws {
        let rows = String(repeating: "s,1,1,,,,,\n", count: 2_600_000)
        let table = try scratch.write("slide_id,label,a,b,c,d,e,f\n" + rows, to: "large.csv")
        let wsi = Command.programs.appending(path: "wsi").path
        var ended = 0
        for kilobytes in [450_000, 500_000, 550_000, 600_000] {
            let shell = "ulimit -c 0; ulimit -v \(kilobytes) && exec timeout -s KILL 120 \"$@\""
            let arguments = ["init", table.path, "--features", scratch["empty"].path]
            let result = try Command.run(["-c", shell, "bash", wsi] + arguments, of: "/bin/bash")
            #expect([2, 75].contains(result.exit), "\(kilobytes) kB: \(result.exit), \(result.errors)")
            guard result.exit == 75 else { continue }
            ended += 1
            let last = result.errors.split(separator: "\n").last
            #expect(last?.hasPrefix("wsi: error[E_LIMIT] ulimit -v: ") == true, "\(result.errors)")
        }
        #expect(ended > 0)
    }

    @Test func workersThatFitIntoTheAddressSpaceAreNoReasonToStop() throws {
        let refused = try tile("ulimit -v 1500000 && exec \"$@\"")
        #expect(refused.errors.contains("--worker-memory 1464"))
        #expect(try tile("ulimit -v 1500000 && exec \"$@\"", ["--worker-memory", "1464"]).exit == 3)
    }

    /// The limit is one of a user, and does not hold for root.
    private static let asNobody = "exec setpriv --reuid 65534 --regid 65534 --clear-groups"
    private static let canLimitProcesses: Bool = {
        if geteuid() != 0 { return true }
        return (try? Command.run(shell: "\(asNobody) \"$@\"", "--version"))?.exit == 0
    }()

    @Test(.enabled(if: canLimitProcesses, "skipped: another user cannot run the program"), arguments: [1, 3])
    func aMachineThatMakesNoThreadIsSaidInOneLine(limit: Int) throws {
        let become = geteuid() == 0 ? Self.asNobody : "exec"
        let shell = "\(become) bash -c 'ulimit -u \(limit) && exec \"$@\"' bash \"$@\""
        for arguments in [["status", scratch["empty"].path], ["evaluate", scratch["empty"].path, "--model", "m"]] {
            let wsi = Command.programs.appending(path: "wsi").path
            let result = try Command.run(["-c", shell, "bash", wsi] + arguments, of: "/bin/bash")
            #expect(result.exit == 75, "\(result.errors)")
            #expect(result.errors.hasPrefix("wsi: error[E_LIMIT] pthread_create: "), "\(result.errors)")
            #expect(result.errors.split(separator: "\n").count == 1)
        }
        #expect(try Command.run(shell: shell, "--version").exit == 0)
    }

    @Test(arguments: ["none", "slides/a.svs", "slides/a.svs/below"])
    func aFolderForTemporaryFilesThatIsNoneIsTheUsersMistake(path: String) throws {
        let temporary = ["TMPDIR": scratch[path].path]
        let result = try Command.run("features", scratch["empty"].path, "--encoder", "x.json", environment: temporary)
        #expect(result.exit == 2)
        #expect(result.errors.split(separator: "\n").count == 1)
        #expect(result.errors.contains("set TMPDIR to a folder"), "\(result.errors)")
        // What needs no such folder does not ask for it.
        #expect(try Command.run("status", scratch["empty"].path, environment: temporary).exit == 0)
    }

    @Test func aRelativeFolderForTemporaryFilesCountsFromTheCurrentOne() throws {
        let shell = "cd \"\(scratch["empty"].path)\" && TMPDIR=. exec \"$@\""
        let result = try Command.run(shell: shell, "features", scratch["empty"].path, "--encoder", "x.json")
        #expect(result.exit == 2)
        #expect(!result.errors.contains("TMPDIR"), "\(result.errors)")
        #expect(Scratch.tree(scratch["empty"]).isEmpty)
    }

    @Test(arguments: ["--help", "--version"], [">&-", ">/dev/full"])
    func aPageThatCannotBeWrittenIsALostResult(page: String, stdout: String) throws {
        let result = try Command.run(shell: "exec \"$@\" \(stdout)", page)
        #expect(result.exit == 75)
        #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
        #expect(result.errors.contains(" stdout: "))
    }

    /// The next file that is opened would take the place of stderr, and get what is said.
    @Test func closedStandardFilesLoseNoWork() throws {
        let made = try Command.run("sample", scratch["s"].path, "--slides", "2", "--side", "2048", "--quiet")
        try #require(made.exit == 0, "\(made.errors)")
        let arguments = ["tile", scratch["s/slides"].path, "--out"]
        let wsi = Command.programs.appending(path: "wsi").path
        let shell = "exec \"$@\" <&- >&- 2>&-"
        #expect(
            try Command.run(["-c", shell, "bash", wsi] + arguments + [scratch["a"].path], of: "/bin/bash").exit == 0
        )
        #expect(try Command.run(arguments + [scratch["b"].path]).exit == 0)
        func results(_ job: String) -> [String: Data] {
            Scratch.tree(scratch[job]).filter { !$0.key.hasPrefix("audit/") }
        }
        #expect(!results("a").isEmpty)
        #expect(results("a") == results("b"))
    }
}
