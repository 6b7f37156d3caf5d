import Foundation
import TestSupport
import Testing

/// A job of eight slides with features, and a copy of `wsi` beside which a script stands in the place of `wsi-compute`.
struct StandIn {
    /// The job as it was made.
    let made: Scratch
    /// With a copy of that job to work on.
    let scratch: Scratch

    var job: String { scratch["job"].path }

    static func make() throws -> Scratch {
        let scratch = try Scratch()
        let sample = try Command.run("sample", scratch["sample"].path, "--slides", "8", "--side", "2048", "--quiet")
        try #require(sample.exit == 0, "\(sample.errors)")
        let tiled = try Command.run("tile", scratch["sample/slides"].path, "--out", scratch["job"].path)
        try #require(tiled.exit == 0, "\(tiled.errors)")
        let features = try Command.run("features", scratch["job"].path, "--encoder", "he-texture-v1")
        try #require(features.exit == 0, "\(features.errors)")
        try FileManager.default.createDirectory(at: scratch["bin"], withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: Command.programs.appending(path: "wsi"), to: scratch["bin/wsi"])
        return scratch
    }

    init(_ made: Scratch) throws {
        (self.made, scratch) = (made, try Scratch())
        try FileManager.default.copyItem(at: made["job"], to: scratch["job"])
        try FileManager.default.createDirectory(at: scratch["bin"], withIntermediateDirectories: true)
        try FileManager.default.linkItem(at: made["bin/wsi"], to: scratch["bin/wsi"])
    }

    /// Runs `wsi` with a `wsi-compute` of which `script` is the beginning; `$real` is the real one, which follows.
    func run(_ script: String, _ arguments: [String]) throws -> Command {
        let real = Command.programs.appending(path: "wsi-compute").path
        let text = "#!/bin/sh\nreal='\(real)'\n\(script)\nexec \"$real\" \"$@\"\n"
        let file = try scratch.write(text, to: "bin/wsi-compute")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
        return try Command.run(arguments, of: scratch["bin/wsi"].path)
    }
}
