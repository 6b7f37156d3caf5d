import Files
import Foundation
import Records
import Storage

/// The libraries that this process has loaded, and the Debian packages that they came in.
struct DoctorPackages: Sendable {
    /// By the beginning of the library's name, such as `libtiff.so`: its file.
    private(set) var files: [String: String] = [:]
    /// By file; empty where there is no dpkg, or nothing of it.
    private var versions: [String: String] = [:]

    private static let program = "/usr/bin/dpkg-query"

    /// - Parameters:
    ///   - libraries: beginnings of names, such as `libtiff.so`.
    ///   - maps: as `/proc/self/maps` has it.
    init(_ libraries: [String], maps: String? = DoctorProgram.text("/proc/self/maps")) async {
        for line in (maps ?? "").split(separator: "\n") {
            guard let start = line.firstIndex(of: "/") else { continue }
            let path = String(line[start...])
            let name = path.split(separator: "/").last ?? ""
            for library in libraries where name.hasPrefix(library) { files[library] = path }
        }
        guard FileManager.default.isExecutableFile(atPath: Self.program), !files.isEmpty else { return }
        // `libtiff6:amd64: /usr/lib/x86_64-linux-gnu/libtiff.so.6.0.0`
        let owners = await DoctorProgram.lines(Self.program, ["-S"] + files.values.sorted())
        let packages = owners.compactMap { line -> (file: String, package: String)? in
            let parts = line.components(separatedBy: ": ")
            return parts.count == 2 && !parts[0].contains(",") ? (parts[1], parts[0]) : nil
        }
        for (file, package) in packages {
            let version = await DoctorProgram.lines(Self.program, ["-W", "-f", "${Version}\n", package]).first
            versions[file] = version
        }
    }

    /// nil where the library is in no package.
    func version(_ library: String) -> String? { files[library].flatMap { versions[$0] } }
}

/// Small programs of the system that tell something.
enum DoctorProgram {
    /// - Returns: what it printed; nothing where it is not there, hangs or fails.
    static func lines(_ program: String, _ arguments: [String]) async -> [String] {
        let child = ChildProcess(executable: program, arguments: arguments, timeout: .seconds(10))
        guard let said = try? await child.output(), case .exited = said.result.end else { return [] }
        return said.text.split(separator: "\n").map(String.init)
    }

    /// What the system tells in a file; nil where it does not. Read to its end: of such a file the first piece is not all, and
    /// its size is none.
    static func text(_ path: String) -> String? {
        (try? RegularFile.data(URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The first of these programs that stands on the path.
    static func find(
        _ names: [String],
        _ environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> String? {
        let folders = (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
        return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }
            .first(where: FileManager.default.isExecutableFile)
    }
}
