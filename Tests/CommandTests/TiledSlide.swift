import Foundation
import TestSupport
import Testing

/// One small tiled slide for all tests of encoders; each works on a copy of its `job`.
enum TiledSlide {
    static let made = Result<Scratch, any Error> {
        let scratch = try Scratch()
        let made = try Command.run("sample", scratch["sample"].path, "--slides", "2", "--side", "2048", "--quiet")
        try #require(made.exit == 0, "\(made.errors)")
        let slide = scratch["sample/slides/sample_001.svs"].path
        let tiled = try Command.run("tile", slide, "--out", scratch["job"].path)
        try #require(tiled.exit == 0, "\(tiled.errors)")
        return scratch
    }
}
