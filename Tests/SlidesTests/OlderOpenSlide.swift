import Foundation

@testable import Slides

/// OpenSlide of the system's version 3, loaded beside the one that this process is linked to.
struct OlderOpenSlide {
    private typealias Version = @convention(c) () -> UnsafePointer<CChar>
    private typealias Open = @convention(c) (UnsafePointer<CChar>) -> OpaquePointer?
    private typealias Close = @convention(c) (OpaquePointer) -> Void
    private typealias Fault = @convention(c) (OpaquePointer) -> UnsafePointer<CChar>?
    private typealias Count = @convention(c) (OpaquePointer) -> Int32
    private typealias Size =
        @convention(c) (
            OpaquePointer, Int32, UnsafeMutablePointer<Int64>, UnsafeMutablePointer<Int64>
        ) -> Void
    private typealias Downsample = @convention(c) (OpaquePointer, Int32) -> Double
    private typealias Read =
        @convention(c) (
            OpaquePointer, UnsafeMutablePointer<UInt32>, Int64, Int64, Int32, Int64, Int64
        ) -> Void

    private let library: UnsafeMutableRawPointer

    /// Whether there is one, and it is another than the loaded one.
    static let isThere = OlderOpenSlide().map { $0.version != SlideLibraries.openSlide } ?? false
    static let absence = "no OpenSlide 3 of the system beside another version"

    /// nil where there is none, and under AddressSanitizer, which does not take libraries of a scope of their own.
    init?() {
        let file = ["x86_64", "aarch64"].map { "/usr/lib/\($0)-linux-gnu/libopenslide.so.0" }
            .first(where: FileManager.default.fileExists)
        // Without that scope it would call functions of the other one.
        guard let file, dlsym(nil, "__asan_init") == nil,
            let library = dlopen(file, RTLD_NOW | RTLD_LOCAL | RTLD_DEEPBIND)
        else { return nil }
        self.library = library
    }

    private func function<Function>(_ name: String, _: Function.Type) -> Function {
        unsafeBitCast(dlsym(library, "openslide_\(name)"), to: Function.self)
    }

    var version: String { String(cString: function("get_version", Version.self)()) }

    /// nil where it does not open the slide.
    func levels(of path: String) -> [SlideAccount.Level]? {
        withSlide(path) { slide in
            (0..<function("get_level_count", Count.self)(slide)).map { index in
                var (width, height): (Int64, Int64) = (-1, -1)
                function("get_level_dimensions", Size.self)(slide, index, &width, &height)
                let downsample = function("get_level_downsample", Downsample.self)(slide, index)
                return SlideAccount.Level(width: width, height: height, downsample: downsample)
            }
        }
    }

    /// The pixels of each place; nil where one cannot be read.
    func pixels(_ places: [LevelRect], of path: String) -> [[UInt32]]? {
        withSlide(path) { slide in
            places.map { place in
                var pixels = [UInt32](repeating: 0, count: place.width * place.height)
                let (x, y, level) = (Int64(place.x), Int64(place.y), Int32(place.level))
                let read = function("read_region", Read.self)
                read(slide, &pixels, x, y, level, Int64(place.width), Int64(place.height))
                return pixels
            }
        }
    }

    private func withSlide<Result>(_ path: String, _ body: (OpaquePointer) -> Result) -> Result? {
        guard let slide = function("open", Open.self)(path) else { return nil }
        defer { function("close", Close.self)(slide) }
        let result = body(slide)
        return function("get_error", Fault.self)(slide) == nil ? result : nil
    }
}
