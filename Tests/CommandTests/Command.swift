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

    /// - Parameters:
    ///   - program: another program; nil is the built `wsi`.
    ///   - stdout: where its stdout goes; nil keeps it for `output`.
    ///   - stderr: where its stderr goes; nil keeps it for `errors`.
    static func run(
        _ arguments: [String],
        program: URL? = nil,
        environment: [String: String] = [:],
        output stdout: FileHandle? = nil,
        errors stderr: FileHandle? = nil
    ) throws -> Command {
        let process = Process()
        process.executableURL = program ?? programs.appending(path: "wsi")
        process.arguments = arguments
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

/// A folder that is gone after the test.
final class Scratch: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "wsi-tests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    subscript(_ path: String) -> URL { url.appending(path: path) }

    func write(_ text: String, to path: String) throws -> URL {
        let file = self[path]
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file
    }

    /// Every file below a folder with its bytes, by relative path.
    static func tree(_ folder: URL) -> [String: Data] {
        var files: [String: Data] = [:]
        let walker = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        for case let url as URL in walker ?? FileManager.DirectoryEnumerator() {
            guard (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true else { continue }
            files[String(url.path.dropFirst(folder.path.count + 1))] = FileManager.default.contents(atPath: url.path)
        }
        return files
    }
}

/// Real slides and encoders that lie beside a checkout; tests that need them say so when they are absent.
enum SharedData {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["WSI_SHARED_DIR"] { return URL(filePath: path) }
        return URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../shared")
            .standardizedFileURL
    }()

    static var isThere: Bool { FileManager.default.fileExists(atPath: folder.appending(path: "data/slides").path) }
    static let absence: Comment = "skipped: ../shared/data is not there"

    static func path(_ name: String) -> String { folder.appending(path: "data/\(name)").path }
}
