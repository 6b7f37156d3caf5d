import Foundation
import TestSupport
import Testing

@testable import Torch

/// What is known of GPUs without LibTorch, told by a driver that the test makes.
@Suite struct CUDADriverTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func driver(gpus: Int = 2, fault: Int = 0) throws -> CUDADriver {
        let fake = try FakeDriver(in: scratch.folder, gpus: gpus, fault: fault)
        return try CUDADriver(library: fake.library.path, management: fake.management.path)
    }

    @Test func twoGPUsAreToldWithTheirDriver() throws {
        let driver = try driver()
        #expect((driver.isFound, driver.count, driver.fault, driver.hasNoDevice) == (true, 2, nil, false))
        #expect(driver.release == "570.86.15" && driver.cuda.map { "\($0)" } == "12.8")
        let (one, other) = (try driver.gpu(0), try driver.gpu(1))
        #expect((one.name, one.major, one.minor) == ("Fake A100", 8, 0))
        #expect((one.memory, one.freeMemory) == (40_000_000_000, 39_000_000_000))
        // A part of a GPU has memory of its own.
        #expect((other.name, other.major, other.memory) == ("Fake H200", 9, 141_000_000_000))
        #expect(other.freeMemory == 9_000_000_000)
        let error = #expect(throws: TorchError.self) { try driver.gpu(2) }
        #expect(error?.message == "cuDeviceGet: CUDA_ERROR_INVALID_DEVICE (101)")
    }

    @Test func aDriverWithoutDevicesSaysSo() throws {
        let driver = try driver(gpus: 0)
        #expect((driver.isFound, driver.count, driver.hasNoDevice) == (true, 0, true))
        #expect(driver.fault == "cuInit: CUDA_ERROR_NO_DEVICE (100)")
        #expect(driver.cuda.map { "\($0)" } == "12.8", "its version is known all the same")
    }

    @Test func aDriverThatFailsNamesTheCall() throws {
        let driver = try driver(fault: 803)
        #expect((driver.isFound, driver.count, driver.hasNoDevice) == (true, 0, false))
        #expect(driver.fault == "cuInit: 803")
    }

    @Test func aDriverThatIsNotThereOrNoneIsNotFound() throws {
        let none = try CUDADriver(library: "/none/libcuda.so.1", management: "/none/libnvidia-ml.so.1")
        #expect((none.isFound, none.release, none.cuda, none.hasNoDevice) == (false, nil, nil, false))
        #expect(none.fault?.hasPrefix("/none/libcuda.so.1: cannot open shared object file") == true)
        // A library, but no driver.
        let fake = try FakeDriver(in: scratch.folder)
        let other = try CUDADriver(library: fake.management.path, management: fake.management.path)
        #expect(!other.isFound && other.fault?.contains("cuInit") == true && other.release == "570.86.15")
    }

    @Test func architecturesAreReadFromLibTorchsWords() throws {
        #expect(CUDAArchitectures("no CUDA") == nil)
        let flags = [75, 80, 86, 90].map { "-gencode;arch=compute_\($0),code=sm_\($0)" }.joined(separator: ";")
        let plain = try #require(CUDAArchitectures("  - NVCC architecture flags: \(flags)\n  - CuDNN 9.1"))
        let have = [(7, 5), (8, 0), (8, 6), (8, 9), (9, 0)].map { plain.haveKernels(major: $0.0, minor: $0.1) }
        #expect(!have.contains(false))
        let haveNot = [(6, 1), (7, 0), (10, 0), (12, 0)].map { plain.haveKernels(major: $0.0, minor: $0.1) }
        #expect(!haveNot.contains(true))
        let exact = try #require(CUDAArchitectures("arch=compute_100a,code=sm_100a;arch=compute_90,code=compute_90"))
        #expect(exact.haveKernels(major: 12, minor: 0), "translated by the driver")
        #expect(!exact.haveKernels(major: 8, minor: 9))
        let only = try #require(CUDAArchitectures("arch=compute_100a,code=sm_100a"))
        #expect(only.haveKernels(major: 10, minor: 0) && !only.haveKernels(major: 10, minor: 3))
    }

    @Test func listsOfCodeAndCodeForAFamilyAreReadToo() throws {
        let list = try #require(CUDAArchitectures("-gencode=arch=compute_80,code=[compute_80,sm_80,sm_86] -O2"))
        #expect(list == CUDAArchitectures("arch=compute_80,code=\"compute_80,sm_80,sm_86\""))
        #expect(list.haveKernels(major: 8, minor: 0) && list.haveKernels(major: 9, minor: 0))
        #expect(!list.haveKernels(major: 7, minor: 5))
        let codes = try #require(CUDAArchitectures("code=[sm_75,sm_86]"))
        #expect(codes.haveKernels(major: 8, minor: 9) && !codes.haveKernels(major: 9, minor: 0))
        let family = try #require(CUDAArchitectures("arch=compute_100f,code=[sm_100f,compute_100f]"))
        #expect(family.haveKernels(major: 10, minor: 3) && !family.haveKernels(major: 12, minor: 0))
        // Of what is for one GPU alone no driver makes code for another.
        let alone = try #require(CUDAArchitectures("arch=compute_90a,code=compute_90a"))
        #expect(alone.haveKernels(major: 9, minor: 0) && !alone.haveKernels(major: 10, minor: 0))
    }
}

@Suite struct ProductCheckTests {
    @Test(arguments: [DType.float32, .bfloat16])
    func theProcessorMultipliesRightly(_ dtype: DType) throws {
        for size in [1, 7, 128] {
            let check = try ProductCheck(of: dtype, on: .cpu, size: size, seconds: 0)
            let error = try #require(check.error)
            #expect(error <= ProductCheck.bound(of: dtype), "\(size)")
            #expect(check.rate > 0)
        }
    }

    /// Sums of bf16 are as far off as the numbers of bf16 can be, not exact.
    @Test func aNumberThatIsWrongIsFound() throws {
        func error(_ dtype: DType, _ change: @escaping (Tensor) throws(TorchError) -> Tensor) throws -> Double? {
            try ProductCheck(of: dtype, on: .cpu, size: 64, seconds: 0) { (one, other) throws(TorchError) in
                try change(try one.matmul(other))
            }.error
        }
        // As by way of TF32, whose numbers have 11 bits.
        let coarse = try #require(
            try error(.float32) { (product) throws(TorchError) in try product.to(.float16).to(.float32) }
        )
        #expect(coarse > ProductCheck.bound(of: .float32))
        let scaled = try #require(try error(.bfloat16) { (product) throws(TorchError) in try product * 1.02 })
        #expect(scaled > ProductCheck.bound(of: .bfloat16))
        #expect(try error(.float32) { (product) throws(TorchError) in try product / 0 } == nil)
        let zeros = try error(.float32) { (product) throws(TorchError) in try product * 0 }
        #expect(zeros == 1)
    }

    /// As it is done before a device's first work.
    @Test func aDeviceThatMultipliesWronglyIsNotWorkedWith() throws {
        try ProductCheck.judge(.float32, on: .cpu)
        for factor in [1.001, .nan] {
            let error = #expect(throws: TorchError.self) {
                try ProductCheck.judge(.float32, on: .cpu) { (one, other) throws(TorchError) in
                    try one.matmul(other) * factor
                }
            }
            #expect(error?.message.hasPrefix("this CUDA device multiplies wrongly: a product in float32 ") == true)
        }
    }
}
