// Boost.JSON, compiled into the runtime's archive: an executable then needs no Boost library to
// link with.
#include <boost/json/src.hpp>
