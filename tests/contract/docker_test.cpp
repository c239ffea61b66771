// What only the Docker driver promises.
#include <gtest/gtest.h>
