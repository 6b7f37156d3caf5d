import Files
import Foundation
import Records
import Torch

/// The LibTorch that the loader has found, beside the one that this program was built for.
enum LoadedTorch {
    /// - Throws: `Failure` (usage) where it is another minor version, or not the one of `$WSI_LIBTORCH`.
    static func check(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let (loaded, file) = (LibTorch.version, LibTorch.file)
        guard minor(loaded) == minor(LibTorch.versionBuiltFor) else {
            let wanted = "this wsi-compute was built for \(minor(LibTorch.versionBuiltFor))"
            throw Failure(.usage, file, "this is LibTorch \(loaded), and \(wanted)")
        }
        guard let named = environment["WSI_LIBTORCH"], !named.isEmpty else { return }
        guard RegularFile.areSame(file, URL(filePath: named).appending(path: "lib/libtorch_cpu.so").path) else {
            throw Failure(
                .usage,
                "WSI_LIBTORCH",
                "\(file) was loaded in its place: only the tarball's programs heed it; unset it, or build with LIBTORCH=\(named)"
            )
        }
    }

    /// Such as `2.13`.
    private static func minor(_ version: String) -> String {
        version.split(separator: ".").prefix(2).joined(separator: ".")
    }
}
