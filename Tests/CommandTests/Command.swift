import Foundation
import Testing

/// The built `wsi`, run as a user runs it.
struct Command {
    var exit: Int32
    var output: String
    var errors: String

    /// The folder of the built programs, which is also that of the test runner.
    static let programs = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()

    static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Command {
        try run(arguments, environment: environment)
    }

    /// Below a shell that sets limits or closes files: `shell` ends with what is run in place of it, such as `exec "$@" >&-`.
    static func run(shell: String, _ arguments: String..., environment: [String: String] = [:]) throws -> Command {
        let wsi = programs.appending(path: "wsi").path
        return try run(["-c", shell, "bash", wsi] + arguments, of: "/bin/bash", environment: environment)
    }

    /// - Parameters:
    ///   - tracer: a program that starts it, with its arguments; none: it is started as it is.
    ///   - program: the built one where nil.
    ///   - stdout: where its stdout goes; nil keeps it for `output`.
    ///   - stderr: where its stderr goes; nil keeps it for `errors`.
    static func run(
        _ arguments: [String],
        of program: String? = nil,
        environment: [String: String] = [:],
        tracer: [String] = [],
        output stdout: FileHandle? = nil,
        errors stderr: FileHandle? = nil
    ) throws -> Command {
        let process = Process()
        let program = program ?? programs.appending(path: "wsi").path
        process.executableURL = URL(filePath: tracer.isEmpty ? program : "/usr/bin/env")
        process.arguments = tracer.isEmpty ? arguments : tracer + [program] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = stdout ?? output
        process.standardError = stderr ?? errors
        try process.run()
        // A pipe that the program does not have ends here.
        if stdout != nil { try output.fileHandleForWriting.close() }
        if stderr != nil { try errors.fileHandleForWriting.close() }
        // Two pipes are drained at once, or a full one would stop the program.
        let drained = Drained()
        let reader = Thread { drained.set(errors.fileHandleForReading.readDataToEndOfFile()) }
        reader.start()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let said = String(decoding: drained.wait(), as: UTF8.self)
        process.waitUntilExit()
        let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
        return Command(exit: status, output: text, errors: said)
    }

    /// The lines on stderr that report an error.
    var errorLines: [String] { errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("wsi: error[") } }
}

// Safe to share: the value is set once before the semaphore is signalled and read once after it.
private final class Drained: @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private var data = Data()

    func set(_ data: Data) {
        self.data = data
        semaphore.signal()
    }

    func wait() -> Data {
        semaphore.wait()
        return data
    }
}
