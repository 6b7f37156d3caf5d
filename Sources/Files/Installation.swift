import CFiles
public import Foundation

/// Where the running program is installed. The kernel tells it; nothing of it is taken from the environment.
///
/// A tarball has a loader and a C library of its own (scripts/dist): `bin/wsi` starts its loader, and that the program. The kernel then
/// calls the loader what runs, and whoever wants the program once more has to start `bin/wsi`.
public struct Installation: Equatable, Sendable {
    /// The folder that everything lies below; `bin/` is in it.
    public var root: URL
    /// The program, to be started again.
    public var executable: String
    /// Whether it runs with the loader and the C library of a tarball.
    public var isCarried: Bool

    /// The loader of a tarball, from its root.
    private static let loader = "/lib/wsi/ld-linux-x86-64.so.2"

    /// - Parameter file: what the kernel calls the running program.
    public init(running file: String) {
        isCarried = file.hasSuffix(Self.loader)
        executable = isCarried ? String(file.dropLast(Self.loader.count)) + "/bin/wsi" : file
        root = URL(filePath: executable).deletingLastPathComponent().deletingLastPathComponent()
    }

    /// This process's; nil where the system does not tell (no /proc).
    public static let current: Installation? =
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")).map(Installation.init(running:))

    /// A file or folder that an installation brings along in place of the system's, such as `leaflet`; nil where it does not.
    public func share(_ path: String) -> URL? {
        let place = root.appending(path: "share/wsi").appending(path: path)
        return FileManager.default.fileExists(atPath: place.path) ? place : nil
    }

    /// The digests of all files of a tarball, as `sha256sum` writes them; nil where there is no such list.
    public var manifest: URL? {
        let file = root.appending(path: "MANIFEST.sha256")
        return FileManager.default.fileExists(atPath: file.path) ? file : nil
    }

    /// To be called first: a process of a tarball takes its own name in place of the loader's, and loads no module of the host, which
    /// is made for another C library, to look up users and hosts.
    public static func settle(as name: String) {
        guard current?.isCarried == true else { return }
        cfiles_settle_among_strangers(name)
    }
}

/// The files of a tarball beside what its manifest has of them.
public struct InstalledFiles: Equatable, Sendable {
    /// As many as the manifest names.
    public var count: Int
    /// Those that are missing or have other bytes, in the manifest's order.
    public var wrong: [String]

    /// Reads every byte of the installation.
    /// - Throws: `StorageError` where the manifest cannot be read, or is none.
    public init(of installation: Installation, manifest: URL) throws(StorageError) {
        let text = String(decoding: try RegularFile.data(manifest), as: UTF8.self)
        (count, wrong) = (0, [])
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, words[0].count == 64, words[1].hasPrefix(" ") else {
                throw .malformed(path: manifest.path, reason: "a line that is no digest and file")
            }
            let path = String(words[1].dropFirst())
            count += 1
            let digest = try? Digest.sha256(fileAt: installation.root.appending(path: path))
            if digest.map({ $0 == words[0] }) != true { wrong.append(path) }
        }
        guard count > 0 else { throw .malformed(path: manifest.path, reason: "it names no file") }
    }
}
