// swift-tools-version: 6.2
import Foundation
import PackageDescription

// LibTorch is found at $LIBTORCH, else at `.deps/libtorch` beside this file (scripts/setup puts it there).
let libtorch = Context.environment["LIBTORCH"] ?? "\(Context.packageDirectory)/.deps/libtorch"

// Nothing refers to the CUDA library by name; without the flag the linker drops it and its devices never register.
let hasCUDA = FileManager.default.fileExists(atPath: "\(libtorch)/lib/libtorch_cuda.so")
// What it needs of NVIDIA lies elsewhere, and need not be there to link.
let cudaLink =
    hasCUDA
    ? ["-Xlinker", "--allow-shlib-undefined", "-Xlinker", "--no-as-needed", "-ltorch_cuda", "-lc10_cuda"] : []

// The programs run with OpenSlide of $OPENSLIDE, else of `.deps/openslide` (scripts/setup), else with the system's, which they are
// linked to.
let openslide = Context.environment["OPENSLIDE"] ?? "\(Context.packageDirectory)/.deps/openslide"

let torchHeaders: [CXXSetting] = [
    .unsafeFlags([
        "-isystem", "\(libtorch)/include",
        "-isystem", "\(libtorch)/include/torch/csrc/api/include",
        "-Wall", "-Wextra",
    ])
]

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A Swift room of the house; what it may import is its `dependencies` (docs/architecture.md).
func room(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    linkerSettings: [LinkerSetting]? = nil
) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: linkerSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "wsi",
    products: [
        .executable(name: "wsi", targets: ["wsi"]),
        .executable(name: "wsi-compute", targets: ["wsi-compute"]),
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-system", from: "1.5.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "COpenSlide", pkgConfig: "openslide", providers: [.apt(["libopenslide-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "COpenJPEG", pkgConfig: "libopenjp2", providers: [.apt(["libopenjp2-7-dev"])]),
        .systemLibrary(name: "CLCMS", pkgConfig: "lcms2", providers: [.apt(["liblcms2-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CFreeType", pkgConfig: "freetype2", providers: [.apt(["libfreetype-dev"])]),
        .target(name: "CFiles"),
        .systemLibrary(name: "CProcess"),
        .target(name: "CTIFF", linkerSettings: [.linkedLibrary("tiff")]),
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .target(name: "CJ2K", dependencies: ["COpenJPEG"]),
        .target(
            name: "CTorch",
            cxxSettings: torchHeaders,
            linkerSettings: [
                .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"] + cudaLink),
                .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
            ]
        ),

        room("Records"),
        room("Files", ["Records", "CFiles", crypto]),
        room("Config", ["Files", "Records"]),
        room("Imaging", ["Files", "Records", "CTIFF"]),
        room("Storage", ["Imaging", "Files", "Records", "CHDF5"]),
        room("Messages", ["Config", "Files", "Records"]),
        room("Texture"),
        room(
            "Slides",
            ["Storage", "Imaging", "Config", "Files", "Records", "CJ2K", "CJPEG", "CLCMS", "COpenSlide", "CTIFF"],
            linkerSettings: [.unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "\(openslide)/lib"])]
        ),
        room("Sample", ["Storage", "Imaging", "Files", "Records"]),
        room("Evaluation", ["Messages", "Storage", "Imaging", "Config", "Files", "Records"]),
        room("Torch", ["CTorch"]),
        room("Batching", ["Messages", "Storage", "Files", "Records"]),
        room("Encoders", ["Torch", "Batching", "Storage", "Config", "Files", "Records"]),
        room("MIL", ["Evaluation", "Torch", "Messages", "Storage", "Config", "Files", "Records"]),
        room("Heatmaps", ["Slides", "Storage", "Imaging", "Files", "Records", "CFreeType", "CPNG"]),
        .target(
            name: "ReviewPage",
            dependencies: [
                "Heatmaps", "Evaluation", "Slides", "Storage", "Imaging", "Files", "Records", httpTypes, hummingbird,
                hummingbirdCore, logging, nioCore, nioHTTP1, nioHTTPTypes,
            ],
            resources: [.embedInCode("Page")],
            swiftSettings: strict
        ),
        room(
            "Pipeline",
            [
                "ReviewPage", "Heatmaps", "Evaluation", "Slides", "Texture", "Messages", "Storage", "Imaging", "Config",
                "Files", "Records", "CProcess", subprocess, systemPackage,
            ]
        ),

        .executableTarget(
            name: "wsi",
            dependencies: [
                "Pipeline", "ReviewPage", "Heatmaps", "Evaluation", "Sample", "Slides", "Messages", "Storage",
                "Imaging", "Config", "Files", "Records", argumentParser,
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "wsi-compute",
            dependencies: [
                "MIL", "Encoders", "Batching", "Torch", "Messages", "Storage", "Config", "Files", "Records",
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-train",
            dependencies: ["MIL", "Torch", "Config", "Files", "Records", argumentParser],
            path: "Benchmarks/Training",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-read",
            dependencies: [
                "Sample", "Slides", "Imaging", "Config", "Files", "Records", "CJ2K", "CJPEG", "COpenSlide", "CTIFF",
            ],
            path: "Benchmarks/Reading",
            exclude: ["peers.py", "recode.py"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-heatmap",
            dependencies: ["Sample", "Storage", "Files", "Records"],
            path: "Benchmarks/Heatmap",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-engine",
            dependencies: ["Batching", "Messages", "Storage", "Config", "Files", "Records"],
            path: "Benchmarks/Engine",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-encode",
            dependencies: ["Encoders", "Torch", "Texture", "Storage", "Config", "Records"],
            path: "Benchmarks/Encoding",
            swiftSettings: strict
        ),

        .target(
            name: "TestSupport",
            dependencies: ["Records", "CPNG"],
            path: "Tests/Support",
            swiftSettings: strict
        ),
        .target(name: "CDeviceWatch", dependencies: ["CTorch"], path: "Tests/DeviceWatch", cxxSettings: torchHeaders),
        tests("House", []),
        tests("Records", ["TestSupport", "Files", "Records"]),
        tests("Files", ["TestSupport", "Storage", "Imaging", "Config", "Files", "Records"]),
        tests("Config", ["Pipeline", "Config", "Files", "Records"]),
        tests("Imaging", ["TestSupport", "Imaging", "Files", "Records"]),
        tests("Storage", ["TestSupport", "Storage", "Imaging", "Config", "Files", "Records", "CHDF5"]),
        tests("Messages", ["TestSupport", "Messages", "Config", "Files", "Records"]),
        tests("Batching", ["Batching", "Messages", "Records"]),
        tests("Texture", ["Texture", "Records"]),
        tests("Slides", ["TestSupport", "Sample", "Slides", "Storage", "Imaging", "Config", "Files", "Records"]),
        tests("Sample", ["TestSupport", "Sample", "Storage", "Imaging", "Files", "Records"]),
        tests(
            "Evaluation",
            ["TestSupport", "Evaluation", "Texture", "Messages", "Storage", "Imaging", "Config", "Files", "Records"]
        ),
        tests("Torch", ["TestSupport", "Torch"]),
        tests(
            "Encoders",
            [
                "TestSupport", "Pipeline", "Encoders", "Batching", "Torch", "Messages", "Storage", "Imaging", "Config",
                "Files", "Records", "CDeviceWatch",
            ],
            exclude: ["Imported"]
        ),
        tests(
            "MIL",
            [
                "TestSupport", "MIL", "Evaluation", "Torch", "Messages", "Storage", "Imaging", "Config", "Files",
                "Records", "CDeviceWatch",
            ]
        ),
        tests(
            "Heatmaps",
            ["TestSupport", "Heatmaps", "Sample", "Slides", "Storage", "Imaging", "Config", "Files", "Records"]
        ),
        tests(
            "ReviewPage",
            [
                "TestSupport", "ReviewPage", "Evaluation", "Sample", "Slides", "Storage", "Imaging", "Files", "Records",
                "CPNG", httpTypes, nioCore, nioPosix,
            ]
        ),
        tests(
            "Pipeline",
            [
                "TestSupport", "Pipeline", "Evaluation", "Sample", "Slides", "Messages", "Storage", "Imaging", "Config",
                "Files",
                "Records",
            ]
        ),
        tests(
            "Command",
            [
                "TestSupport", "Pipeline", "Evaluation", "Sample", "Messages", "Storage", "Imaging", "Config", "Files",
                "Records", "CHDF5",
            ],
            exclude: ["poison.c"]
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx20
)

// Training and encoding are for LibTorch; all else is built and tested without it, so that no number of a report needs it.
if Context.environment["WSI_WITHOUT_TORCH"] == "1" {
    // The tests of commands run both programs.
    var above: Set = ["CTorch", "CommandTests"]
    func stands(_ target: Target) -> Bool {
        target.dependencies.contains {
            if case .byNameItem(let name, _) = $0 { above.contains(name) } else { false }
        }
    }
    while let next = package.targets.first(where: { !above.contains($0.name) && stands($0) }) {
        above.insert(next.name)
    }
    package.targets.removeAll { above.contains($0.name) }
    package.products.removeAll { above.contains($0.name) }
}
