// swift-tools-version: 6.2
import Foundation
import PackageDescription

// LibTorch is found at $LIBTORCH, else at `.deps/libtorch` beside this file (scripts/setup puts it there).
let libtorch = Context.environment["LIBTORCH"] ?? "\(Context.packageDirectory)/.deps/libtorch"

// Nothing refers to the CUDA library by name; without the flag the linker drops it and its devices never register.
let hasCUDA = FileManager.default.fileExists(atPath: "\(libtorch)/lib/libtorch_cuda.so")
let cudaLink = hasCUDA ? ["-Xlinker", "--no-as-needed", "-ltorch_cuda", "-lc10_cuda"] : []

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A Swift room of the house; what it may import is its `dependencies` (table in README.md).
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

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
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "COpenSlide", pkgConfig: "openslide", providers: [.apt(["libopenslide-dev"])]),
        .systemLibrary(name: "CHDF5", pkgConfig: "hdf5", providers: [.apt(["libhdf5-dev"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"])]),
        .systemLibrary(name: "CFreeType", pkgConfig: "freetype2", providers: [.apt(["libfreetype-dev"])]),
        .target(name: "CFiles"),
        .systemLibrary(name: "CProcess"),
        .target(name: "CTIFF", linkerSettings: [.linkedLibrary("tiff")]),
        .target(name: "CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .target(
            name: "CTorch",
            cxxSettings: [
                .unsafeFlags([
                    "-isystem", "\(libtorch)/include",
                    "-isystem", "\(libtorch)/include/torch/csrc/api/include",
                    "-Wall", "-Wextra",
                ])
            ],
            linkerSettings: [
                .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"] + cudaLink),
                .linkedLibrary("torch"), .linkedLibrary("torch_cpu"), .linkedLibrary("c10"),
            ]
        ),

        room("Records"),
        room("Storage", ["Records", "CFiles", "CHDF5", "CTIFF", crypto]),
        room("Texture", ["Records"]),
        room("Slides", ["Records", "Storage", "COpenSlide", "CTIFF", "CJPEG"]),
        room("Sample", ["Records", "Storage", "CJPEG"]),
        room("Torch", ["CTorch"]),
        room("Encoders", ["Torch", "Storage", "Records"]),
        room("MIL", ["Torch", "Storage", "Records"]),
        room("Review", ["Slides", "Storage", "Records", "CPNG", "CFreeType"]),
        .target(
            name: "ReviewPage",
            dependencies: ["Review", "Storage", "Records", hummingbird],
            resources: [.embedInCode("Page")],
            swiftSettings: strict
        ),
        room("Pipeline", ["Slides", "Texture", "Storage", "Records", "CProcess", subprocess]),

        .executableTarget(
            name: "wsi",
            dependencies: [
                "Pipeline", "Review", "ReviewPage", "Sample", "Slides", "Texture", "Storage", "Records", argumentParser,
            ],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "wsi-compute",
            dependencies: ["Encoders", "MIL", "Storage", "Records"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-train",
            dependencies: ["MIL", "Torch", "Records", argumentParser],
            path: "Benchmarks/Training",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-read",
            dependencies: ["Slides", "Sample", "Records", "COpenSlide", "CTIFF", "CJPEG"],
            path: "Benchmarks/Reading",
            exclude: ["peers.py"],
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-heatmap",
            dependencies: ["Sample", "Storage", "Records"],
            path: "Benchmarks/Heatmap",
            swiftSettings: strict
        ),
        .executableTarget(
            name: "bench-encode",
            dependencies: ["Encoders", "Texture", "Torch", "Storage", "Records"],
            path: "Benchmarks/Encoding",
            swiftSettings: strict
        ),

        tests("Records", ["Records"]),
        tests("Storage", ["Storage", "Records"]),
        tests("Texture", ["Texture", "Records"]),
        tests("Slides", ["Slides", "Sample", "Storage", "Records"]),
        tests("Sample", ["Sample", "Slides", "Storage", "Records"]),
        tests("Torch", ["Torch"]),
        tests("Encoders", ["Encoders", "Torch", "Storage", "Records"]),
        tests("MIL", ["MIL", "Torch", "Storage", "Records"]),
        tests("Review", ["Review", "CPNG", "Slides", "Sample", "Storage", "Records"]),
        tests(
            "ReviewPage",
            ["ReviewPage", "Pipeline", "Review", "CPNG", "Slides", "Sample", "Storage", "Records", hummingbird]
        ),
        tests("Pipeline", ["Pipeline", "Sample", "Slides", "Storage", "Records"]),
        tests("Command", ["Pipeline", "Sample", "Storage", "Records"], exclude: ["poison.c"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx20
)
