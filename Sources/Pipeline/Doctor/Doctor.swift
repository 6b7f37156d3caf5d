import Files
public import Foundation
import Records
import Slides
import Storage

/// `wsi doctor`: whether this installation and this machine can do the work, and what to do where they cannot. Writes and removes
/// small files in the folders that it tries, nothing else.
public struct Doctor: Sendable {
    public var programs: Programs
    /// A job folder, or where one is to be; nil looks at no job.
    public var job: URL?

    public init(programs: Programs, job: URL?) {
        self.programs = programs
        self.job = job
    }

    /// - Parameter pictures: of what only the executable is linked to.
    public func run(pictures: [DoctorReport.Line]) async -> DoctorReport {
        var lines: [DoctorReport.Line] = [.ok("wsi", "\(Release.version), \(programs.wsi)")]
        lines += Self.files()
        let compute = await DoctorCompute(programs: programs).findings()
        lines += compute.lines
        lines += await libraries()
        lines += pictures
        lines += await DoctorMachine().lines()
        lines += folders()
        var report = DoctorReport(lines: lines)
        (report.driver, report.devices) = (compute.driver, compute.devices)
        return report
    }

    /// Of a tarball, whether all of it is there as it was made.
    private static func files() -> [DoctorReport.Line] {
        guard let installation = Installation.current, let manifest = installation.manifest else { return [] }
        let again = "unpack the tarball again"
        do {
            let files = try InstalledFiles(of: installation, manifest: manifest)
            guard let first = files.wrong.first else {
                return [.ok("installation", "\(files.count) files are what MANIFEST.sha256 says")]
            }
            let others = files.wrong.count > 1 ? " and \(files.wrong.count - 1) more" : ""
            return [.fail("installation", "\(first)\(others): missing, or not what MANIFEST.sha256 says", fix: again)]
        } catch { return [.fail("installation", Failure(error).message, fix: again)] }
    }

    private func libraries() async -> [DoctorReport.Line] {
        let names = ["libopenslide.so", "libtiff.so", "libhdf5", "libjpeg.so"]
        let packages = await DoctorPackages(names)
        func shown(_ library: String) -> String { packages.version(library).map { " (package \($0))" } ?? "" }
        let tiff = SlideLibraries.tiff
        var lines: [DoctorReport.Line] = [
            DoctorOpenSlide.line(
                SlideLibraries.openSlide,
                file: packages.files["libopenslide.so"],
                package: packages.version("libopenslide.so"),
                tiff: tiff
            ),
            .ok("libtiff", tiff + shown("libtiff.so")),
        ]
        if let file = packages.files["libjpeg.so"] {
            let name = file.split(separator: "/").last.map(String.init) ?? file
            lines.append(.ok("libjpeg", packages.version("libjpeg.so").map { "package \($0)" } ?? name))
        }
        do {
            let version = try HDF5Build.version()
            lines.append(
                .ok("HDF5", "\(version)\(shown("libhdf5")), thread-safe; wsi locks no file, on no file system")
            )
        } catch {
            lines.append(.fail("HDF5", Failure(error).message, fix: "install Debian's or Ubuntu's libhdf5"))
        }
        return lines
    }

    private func folders() -> [DoctorReport.Line] {
        let here = URL(filePath: FileManager.default.currentDirectoryPath)
        var lines: [DoctorReport.Line] = []
        if let job { lines.append(DoctorFolders.line("job", job, isTried: true)) }
        lines.append(DoctorFolders.line("this folder", here, isTried: false))
        return lines + [DoctorFolders.temporary()]
    }
}
